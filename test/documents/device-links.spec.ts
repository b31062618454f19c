import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { document } from './markdown-table';

const DIRECTORY = 'docs/devices';
const links = readdirSync(join(__dirname, '../..', DIRECTORY)).flatMap((file) =>
  [...document(`${DIRECTORY}/${file}`).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => [file, target] as const),
);

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(links)('%s: %s leads somewhere', (file, target) => {
  const [path = '', anchor] = target.split('#');
  const there = path === '' ? `${DIRECTORY}/${file}` : normalize(join(dirname(`${DIRECTORY}/${file}`), path));
  expect(existsSync(join(__dirname, '../..', there))).toBe(true);
  if (anchor !== undefined) expect(anchorsOf(document(there))).toContain(anchor);
});
