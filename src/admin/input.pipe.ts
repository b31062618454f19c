import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { checkedInput } from '../common/checked-input';

/** Checks bodies and queries against the class that their parameter is declared with; see {@link checkedInput}. */
@Injectable()
export class InputPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' && type !== 'query') return value;
    if (metatype === undefined || metatype === Object) throw new Error('a body or query is declared without its class');
    return checkedInput(metatype as new () => object, value);
  }
}
