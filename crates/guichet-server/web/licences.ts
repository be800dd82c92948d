import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Plugin } from 'vite';

/** The folder of the package that a module belongs to. */
function packageOf(id: string): string | undefined {
  const at = id.lastIndexOf(`${sep}node_modules${sep}`);
  if (at < 0) return undefined;
  let folder = dirname(id.split('?')[0]);
  while (folder.length > at) {
    const file = join(folder, 'package.json');
    // Packages hold nested package.json files without a name, which only say the kind of module.
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

/** Writes the licences and notices of every package whose code is in the bundle. */
export function licences(): Plugin {
  const folders = new Set<string>();
  return {
    name: 'licences',
    moduleParsed(module) {
      const folder = packageOf(module.id.replace(/^\0/, ''));
      if (folder) folders.add(folder);
    },
    generateBundle() {
      // Loaded in a worker, which is bundled by itself.
      folders.add(join(import.meta.dirname, 'node_modules', '@dagrejs', 'dagre'));
      const texts = [...folders].map((folder) => {
        const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice)(\.\w+)?$/i.test(name)).sort();
        // Where a package holds code of others, their licences lie in a folder of it.
        const others = join(folder, 'licenses');
        const within = existsSync(others) ? readdirSync(others).sort().map((name) => join('licenses', name)) : [];
        const bodies = [...files, ...within].map((name) => readFileSync(join(folder, name), 'utf8').trim());
        return `${about.name} ${about.version} (${about.license})\n\n${bodies.join('\n\n')}\n`;
      });
      const source = [...new Set(texts)].sort().join(`\n${'-'.repeat(100)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
    },
  };
}
