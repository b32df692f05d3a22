import tseslint from 'typescript-eslint';

// Each rule below carries its reason; the rest is typescript-eslint's strict, type-checked set.
const ambient = (names) =>
  names.map(([object, property, instead]) => ({ object, property, message: `Inject ${instead}.` }));

export default tseslint.config(
  {
    ignores: ['dist/', 'node_modules/', '.cache/', 'coverage/', 'tests/strangers/', '**/*.mjs', 'eslint.config.js'],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tests/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // An order path with a forgotten await loses its error.
      '@typescript-eslint/no-floating-promises': 'error',
      // Numbers in messages are the point of the messages.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // One name for an interface and its token is the house's way to write a port (docs/decisions/0002).
      '@typescript-eslint/no-redeclare': 'off',
      // Arrow functions that only call are easier to read without braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Injectable classes without state of their own are still classes.
      '@typescript-eslint/no-extraneous-class': 'off',
      // Ports return promises so that other implementations may wait; ours need not.
      '@typescript-eslint/require-await': 'off',
      // Invariants that the type system cannot see are stated once, next to the reason.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Production and simulation differ by one module only if nothing else reaches the outside.
    files: ['src/**/*.ts'],
    // The test kit waits for a turn of the host's loop: nothing but a test waits so.
    ignores: ['src/platform/**', 'src/cli/**', 'src/testing/settled.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'performance'].map((name) => ({
          name,
          message: 'Only src/platform reaches the outside; inject a port.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        ...ambient([
          ['Date', 'now', 'Clock'],
          ['Math', 'random', 'Random'],
          ['process', 'env', 'the configuration'],
        ]),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Inject Clock.' },
      ],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Test doubles are shapes, not subclasses.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    // What must not compile has no type that could be safe, and is looked at and thrown away.
    files: ['tests/types/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
    },
  },
);
