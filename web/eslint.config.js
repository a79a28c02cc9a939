import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const features = ['auth', 'chat', 'documents', 'evaluations', 'models', 'repositories', 'runs', 'search', 'settings', 'versions']

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      'no-undef': 'off',
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['·', '/', ':', '–', '…', '@', '?', '+', '−', '%', '(', ')', ',', '→', 'Esc', 'Ctrl', 'K', '×', '#'] }],
    },
  },
  // A feature imports the shared folders and itself, never another feature.
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: features.filter((other) => other !== feature).map((other) => ({ group: [`@/features/${other}/**`, `@/features/${other}`] })) },
      ],
    },
  })),
)
