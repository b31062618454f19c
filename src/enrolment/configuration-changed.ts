/**
 * Thrown when the one read of an enrolment shows that alias, authority or profile have changed since the request was
 * begun with them: the request is to be begun again with what is true now. Nothing has happened yet.
 */
export class ConfigurationChanged extends Error {
  constructor() {
    super('the configuration has changed since the request was begun');
    this.name = 'ConfigurationChanged';
  }
}
