import { defineTexts } from '@/i18n'

export const { useT: useApp } = defineTexts('app', {
  'zh-CN': {
    'signIn.title': '登录后台',
    'signIn.email': '邮箱',
    'signIn.password': '密码',
    'signIn.submit': '登录',
    'signIn.code': '验证码',
    'signIn.codeTitle': '第二重验证',
    'signIn.codeHelp': '请输入身份验证器中 {{email}} 的 6 位验证码。',
    'signIn.verify': '验证',
    'signIn.back': '换一个账号',
    'signIn.emailNeeded': '请输入邮箱。',
    'signIn.passwordNeeded': '请输入密码。',
    'signIn.product': '掌柜',
    'signIn.tagline': '店铺后台',
  },
  en: {
    'signIn.title': 'Sign in',
    'signIn.email': 'Email',
    'signIn.password': 'Password',
    'signIn.submit': 'Sign in',
    'signIn.code': 'Code',
    'signIn.codeTitle': 'Second factor',
    'signIn.codeHelp': 'Enter the 6 digits your authenticator shows for {{email}}.',
    'signIn.verify': 'Verify',
    'signIn.back': 'Use another account',
    'signIn.emailNeeded': 'Enter your email.',
    'signIn.passwordNeeded': 'Enter your password.',
    'signIn.product': 'Zhanggui',
    'signIn.tagline': 'The shop’s back office',
  },
})
