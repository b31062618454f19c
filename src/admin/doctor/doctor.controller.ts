import { Controller, Get, Param } from '@nestjs/common';
import { Doctor, type Diagnosis } from '../../doctor/doctor';
import { FINDING_LEVELS } from '../../doctor/finding';
import { PLACE_PURPOSES } from '../../doctor/places';
import { Documented, listOf, moment, oneOf, record, text, type Answer } from '../openapi/documented';
import { PathNamePipe } from '../path-name.pipe';

const ANSWER: Answer = {
  name: 'Diagnosis',
  properties: {
    alias: text,
    deviceProfile: text,
    examinedAt: moment,
    findings: listOf(
      record({
        level: oneOf(FINDING_LEVELS),
        rule: text,
        what: text,
        why: text,
        mend: text,
        commands: listOf(text),
      }),
    ),
    places: listOf(record({ purpose: oneOf(PLACE_PURPOSES), url: text })),
  },
};

/** What would go wrong with an alias. */
@Controller('api/v1/aliases/:name/doctor')
export class DoctorController {
  constructor(private readonly doctor: Doctor) {}

  @Get()
  @Documented({
    summary: 'Says what would go wrong with an alias for its devices, the worst first, and how to mend it',
    status: 200,
    answer: ANSWER,
  })
  diagnose(@Param('name', PathNamePipe) name: string): Promise<Diagnosis> {
    return this.doctor.diagnose(name);
  }
}
