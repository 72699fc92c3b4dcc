import { z } from 'zod'
import { EnvironMap } from './environ.ts'
import { Name, Text } from './name.ts'
import { ProbeFile } from './probe.ts'

/** Name → a program that must be there while a step runs. */
export const SidecarMap = z
  .record(
    Name,
    z.strictObject({
      run: Text.describe('Command that starts it; it listens on $PORT, which Slipway chooses.'),
      env: EnvironMap.describe('Variables of its environment.'),
      ready: ProbeFile.describe('When it can be used.'),
      address: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .optional()
        .meta({
          description: 'Variable in which the step gets its address, 127.0.0.1:PORT.',
          'x-form': "a variable's name: letters, digits and _",
          'x-default': 'its name in capitals with _ADDRESS: db → DB_ADDRESS',
        }),
    }),
  )
  .prefault({})

/** The variable of a sidecar's address when the file names none. */
export function addressVariable(sidecar: string): string {
  return `${sidecar.toUpperCase().replaceAll('-', '_')}_ADDRESS`
}
