'use strict';
// Runs on whatever `node` the PATH finds first. Installed without its install script, the package `node` leaves no
// binary behind and the shell falls back to the host's Node without a word; this is the word.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Node 24 or later is needed, but this is ${process.version} (${process.execPath}). ` +
      'It comes with the dependencies, by the install script of the package "node": ' +
      'allow install scripts (npm config set ignore-scripts false), then run: rm -rf node_modules && make install',
  );
  process.exit(1);
}
