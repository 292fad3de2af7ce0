/*
 * The little XML that Route 53's messages are: elements, text and the declaration. Attributes are read past (only
 * `xmlns` occurs); comments, CDATA, DTDs and processing instructions are refused, for no client of ours sends them.
 */

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Unescaped; empty where there are children. */
  readonly text: string;
}

/** @throws SyntaxError that says what is wrong and where. */
export function parseXml(source: string): XmlElement {
  const body = source.replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, '');
  const { element, end } = readElement(body, body.search(/\S/));
  if (body.slice(end).trim() !== '') {
    throw new SyntaxError(`text after the document's end: ${body.slice(end, end + 20)}`);
  }
  return element;
}

const OPENING = /<([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;

function readElement(source: string, at: number): { readonly element: XmlElement; readonly end: number } {
  OPENING.lastIndex = Math.max(0, at);
  const opening = OPENING.exec(source);
  if (opening === null) throw new SyntaxError(`an element was expected at ${at}: ${source.slice(at, at + 20)}`);
  const [whole, name = '', , selfClosing] = opening;
  let position = at + whole.length;
  if (selfClosing === '/') return { element: { name, children: [], text: '' }, end: position };
  const children: XmlElement[] = [];
  let text = '';
  for (;;) {
    const next = source.indexOf('<', position);
    if (next < 0) throw new SyntaxError(`the document ends inside <${name}>`);
    text += source.slice(position, next);
    if (source.startsWith(`</${name}>`, next)) {
      return { element: finish(name, children, text), end: next + name.length + 3 };
    }
    const child = readElement(source, next);
    children.push(child.element);
    position = child.end;
  }
}

function finish(name: string, children: readonly XmlElement[], text: string): XmlElement {
  if (children.length > 0 && text.trim() !== '') throw new SyntaxError(`<${name}> mixes text and elements`);
  return { name, children, text: children.length > 0 ? '' : unescape(text) };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));|&/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      const known = name === undefined ? undefined : ENTITIES[name];
      if (known === undefined) throw new SyntaxError(`unknown entity ${whole}`);
      return known;
    },
  );
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
