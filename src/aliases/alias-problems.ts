import { missingWebhook } from '../challenges/webhook/webhook-settings';
import type { FieldProblem } from '../common/checked-input';
import { outboundUrlProblem } from '../outbound/outbound-url';
import { attributeOid } from '../pki/x509/attribute-type';
import { isEmptyPeriod, parsePeriod, PERIOD_NOTATION } from '../profiles/period';
import type { AliasSettings } from './alias';
import { parseTemplateMapping, TEMPLATE_NOTATION, templateKey } from './alias-template';
import { parseRenewalWindow, RENEWAL_WINDOW_NOTATION } from './renewal-window';

/** What is wrong with settings that no decorator can judge; those of challenges and of RA mode are judged elsewhere. */
export const settingProblems = (settings: AliasSettings): FieldProblem[] => [
  ...renewalProblems(settings.renewal),
  ...approvalProblems(settings.approval),
  ...templateProblems(settings.templates),
  ...notificationProblems(settings),
];

function notificationProblems({ notifications, challenge }: AliasSettings): FieldProblem[] {
  const { url, events } = notifications;
  const { webhook } = challenge;
  const problem = url === '' ? undefined : outboundUrlProblem(url, webhook.allowHttp);
  const missing = events.length === 0 ? [] : missingWebhook(webhook, 'where notifications.events are');
  return [
    ...(problem === undefined ? [] : [{ field: 'notifications.url', message: problem }]),
    ...missing.filter(({ field }) => url === '' || field !== 'challenge.webhook.url'),
  ];
}

function approvalProblems({ expiresAfter }: AliasSettings['approval']): FieldProblem[] {
  const period = parsePeriod(expiresAfter);
  return period === undefined || isEmptyPeriod(period)
    ? [{ field: 'approval.expiresAfter', message: `must be ${PERIOD_NOTATION}` }]
    : [];
}

function templateProblems(templates: readonly string[]): FieldProblem[] {
  const seen = new Set<string>();
  return templates.flatMap((text, index) => {
    const mapping = parseTemplateMapping(text);
    const field = `templates[${index}]`;
    if (mapping === undefined) return [{ field, message: `must be ${TEMPLATE_NOTATION}` }];
    const key = templateKey(mapping.template);
    if (seen.has(key)) return [{ field, message: 'names a template that stands there already' }];
    seen.add(key);
    return [];
  });
}

function renewalProblems(renewal: AliasSettings['renewal']): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (parseRenewalWindow(renewal.window) === undefined)
    problems.push({ field: 'renewal.window', message: `must be ${RENEWAL_WINDOW_NOTATION}` });
  if (parsePeriod(renewal.graceAfterExpiry) === undefined)
    problems.push({ field: 'renewal.graceAfterExpiry', message: `must be ${PERIOD_NOTATION}` });
  renewal.ignoredSubjectAttributes.forEach((name, index) => {
    if (attributeOid(name) === undefined)
      problems.push({
        field: `renewal.ignoredSubjectAttributes[${index}]`,
        message: 'must be the name of an attribute, such as SERIALNUMBER, or its dotted identifier',
      });
  });
  return problems;
}
