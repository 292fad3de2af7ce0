/** One instruction of a Dockerfile, as far as this project's goes: no heredocs, no ONBUILD. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Stage {
  readonly from: string;
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

/** The stages in their order; ARGs before the first FROM are put in. @throws Error for what it cannot read */
export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const args = new Map<string, string>();
  const stages: { from: string; name?: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === '') throw new Error(`not an instruction: ${line}`);
    const [stage] = stages.slice(-1);
    if (name === 'FROM') stages.push(begun(rest, args));
    else if (stage !== undefined) stage.instructions.push({ name, rest });
    else if (name === 'ARG') setArg(args, rest);
    else throw new Error(`${name} before the first FROM`);
  }
  return stages;
}

function begun(rest: string, args: ReadonlyMap<string, string>): { from: string; name?: string; instructions: [] } {
  const [, image = '', , name] = /^(\S+)(\s+AS\s+(\S+))?$/.exec(rest) ?? [];
  const from = image.replaceAll(/\$\{(\w+)\}/g, (_whole, arg: string) => args.get(arg) ?? '');
  if (from === '') throw new Error(`FROM ${rest}`);
  return { from, ...(name === undefined ? {} : { name }), instructions: [] };
}

function setArg(args: Map<string, string>, rest: string): void {
  const mark = rest.indexOf('=');
  if (mark > 0) args.set(rest.slice(0, mark), rest.slice(mark + 1));
}

export interface Copy {
  readonly from?: string;
  readonly sources: readonly string[];
  readonly target: string;
}

export function parseCopy(rest: string): Copy {
  const words = rest.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.at(-1);
  if (target === undefined || paths.length < 2) throw new Error(`COPY ${rest}`);
  return { ...(from === undefined ? {} : { from }), sources: paths.slice(0, -1), target };
}

/** Whether `.dockerignore` lets a path of the context through: the last line that matches it decides. */
export function createContext(ignore: string): (path: string) => boolean {
  const rules = ignore
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: line.replace(/^!/, '').trim() }));
  return (path) => {
    let kept = true;
    for (const { keeps, pattern } of rules) {
      if (pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)) kept = keeps;
    }
    return kept;
  };
}
