import tseslint from 'typescript-eslint';

const clockRule = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Take the time from the injected Clock.',
};
const dateNowRule = {
  selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
  message: 'Take the time from the injected Clock.',
};
const randomRule = {
  selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
  message: 'Take random bytes from the injected RandomSource.',
};
const environmentRule = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only src/config reads the environment.',
};

export default tseslint.config(
  { ignores: ['dist/**', 'data/**', 'node_modules/**', 'coverage/**', 'console/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Nest modules are classes without members.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Input classes carry validation decorators and are given as plain values inside the product.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': ['error', clockRule, dateNowRule, randomRule, environmentRule],
    },
  },
  {
    files: ['src/config/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', clockRule, dateNowRule, randomRule] },
  },
  {
    files: ['src/common/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', randomRule, environmentRule] },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': ['error', randomRule],
    },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'], // expect.objectContaining() and its like are any.
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-argument': 'off' },
  },
);
