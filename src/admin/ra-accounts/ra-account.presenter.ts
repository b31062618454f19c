import { flag, listOf, moment, optionalMoment, text, type Answer } from '../openapi/documented';

/** An RA account in the OpenAPI document. */
export const RA_ACCOUNT_ANSWER: Answer = {
  name: 'RaAccount',
  properties: {
    name: text,
    description: text,
    enabled: flag,
    aliases: listOf(text),
    lastUsedAt: optionalMoment,
    createdAt: moment,
    updatedAt: moment,
  },
};

/** The same with its new password, which is shown this once. */
export const RA_ACCOUNT_WITH_PASSWORD_ANSWER: Answer = {
  name: 'RaAccountWithPassword',
  properties: { ...RA_ACCOUNT_ANSWER.properties, password: text },
};
