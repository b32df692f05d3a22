// Node's `require` and `import` load one and the same package.
const assert = require('node:assert/strict');
const required = require('perpsbot');
const kit = require('perpsbot/testing');

async function main() {
  const imported = await import('perpsbot');
  const importedKit = await import('perpsbot/testing');
  for (const [phase, tokens] of Object.entries(required.TOKENS))
    for (const [name, token] of Object.entries(tokens))
      assert.equal(imported.TOKENS[phase][name], token, `${phase}.${name}`);
  for (const [name, value] of Object.entries(required)) assert.equal(imported[name], value, name);
  for (const [name, value] of Object.entries(kit)) assert.equal(importedKit[name], value, name);

  class Venue extends kit.FakeBroker {}
  const venue = new Venue();
  const made = kit.testBot({ overrides: (container) => kit.swap(container, imported.Brokerage, venue) });
  assert.ok(made.bot instanceof imported.PerpsBot);
  await made.open();
  await made.cycle();
  assert.ok(venue.called().includes('getQuote'));
  await made.stop();
}

main().then(
  () => console.log(`one instance on ${process.version}`),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
