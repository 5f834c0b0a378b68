// Two lint rules of our own, too small for a dependency.

const describedSuppression = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { reason: 'Say why after "--": a suppression without a reason stays for ever.' },
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const isSuppression = /^\s*(eslint-disable|svelte-ignore|prettier-ignore)/.test(comment.value)
          if (isSuppression && !/--\s*\S{2,}/.test(comment.value) && !/prettier-ignore/.test(comment.value)) {
            context.report({ loc: comment.loc, messageId: 'reason' })
          }
        }
      },
    }
  },
}

const isLog = (node) =>
  node.type === 'ExpressionStatement' &&
  node.expression.type === 'CallExpression' &&
  node.expression.callee.type === 'MemberExpression' &&
  node.expression.callee.object.name === 'console'

const noSwallowedError = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { swallowed: 'This catch only logs: handle the error or let it pass.' },
  },
  create(context) {
    // Scripts talk to a person: there printing the error is handling it.
    if (/[\\/]scripts[\\/]/.test(context.filename)) return {}
    return {
      CatchClause(node) {
        const { body } = node.body
        if (body.length > 0 && body.every(isLog)) context.report({ node, messageId: 'swallowed' })
      },
    }
  },
}

/** An ESLint plugin. */
export const house = {
  rules: { 'described-suppression': describedSuppression, 'no-swallowed-error': noSwallowedError },
}
