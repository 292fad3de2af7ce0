import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';

/**
 * Runs scripts as Argo CD does (`util/lua/lua.go`): Lua 5.1 with base, table and a safe os, the object as the global `obj`.
 * Many at once, one process for all of them. @throws Error with Lua's own words
 */
export function runLua(scripts: readonly { readonly script: string; readonly obj: Wire }[]): readonly unknown[] {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-dr-lua-'));
  try {
    const file = join(folder, 'run.lua');
    writeFileSync(file, [PRELUDE, ...scripts.map(({ script, obj }) => call(script, obj))].join('\n'));
    const { status, stdout, stderr } = spawnSync('lua5.1', [file], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`lua5.1: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const call = (script: string, obj: Wire): string => `emit(run(${quoted(script)}, ${literal(obj)}))`;

/** A Lua value. Absent and null are nil; an empty list and an empty object are the same empty table, as in Argo CD. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`;
  if (isMap(value)) {
    const pairs = Object.entries(value).map(([key, inner]) => `[${quoted(key)}]=${literal(inner)}`);
    return `{${pairs.join(',')}}`;
  }
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'nil';
}

function quoted(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte >= 32 && byte < 127 && byte !== 34 && byte !== 92
      ? String.fromCharCode(byte)
      : `\\${String(byte).padStart(3, '0')}`,
  );
  return `"${bytes.join('')}"`;
}

const PRELUDE = `
local out, format, gsub, byte, rep = io.write, string.format, string.gsub, string.byte, string.rep
local load, setenv = loadstring, setfenv
local names = { "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawset",
  "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall", "table" }
function run(script, obj)
  local env = { obj = obj, os = { time = os.time, date = os.date } }
  for _, name in ipairs(names) do env[name] = _G[name] end
  env._G = env
  local chunk = assert(load(script))
  -- Strings carry their methods in a metatable that Argo CD, without the string library, does not have.
  local strings = getmetatable("")
  local index = strings.__index
  strings.__index = nil
  local ok, result = pcall(setenv(chunk, env))
  strings.__index = index
  assert(ok, result)
  return result
end
local function quote(text)
  return '"' .. gsub(text, '[%c"\\\\\\128-\\255]', function(c)
    if byte(c) >= 128 then return c end
    return format("\\\\u%04x", byte(c))
  end) .. '"'
end
local function json(value)
  if type(value) == "string" then return quote(value) end
  if type(value) ~= "table" then return value == nil and "null" or tostring(value) end
  local parts = {}
  if #value > 0 or next(value) == nil then
    for _, item in ipairs(value) do parts[#parts + 1] = json(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do parts[#parts + 1] = quote(tostring(key)) .. ":" .. json(item) end
  return "{" .. table.concat(parts, ",") .. "}"
end
function emit(value) out(json(value), "\\n") end
`;
