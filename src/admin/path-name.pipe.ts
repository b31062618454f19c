import { Injectable, type PipeTransform } from '@nestjs/common';
import { ServiceError } from '../common/service-error';

const LONGEST_NAME = 255;

/**
 * A name from the path, decoded. What can be nobody's name is not found, before the database is asked: PostgreSQL knows
 * no U+0000.
 */
@Injectable()
export class PathNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (name.length > LONGEST_NAME || /[\p{Cc}\p{Cs}]/u.test(name))
      throw new ServiceError('not-found', 'there is nothing of that name');
    return name;
  }
}
