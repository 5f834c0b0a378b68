/** Entry point `@noy-db/hub/json-schema`: collections validated by JSON Schema. Needs the optional peer `ajv`. */
export {
  jsonSchemaDefect,
  jsonSchemaValidator,
  type JsonSchemaDefect,
  type JsonSchemaFault,
  type JsonSchemaFormat,
  type JsonSchemaRegExp,
  type JsonSchemaValidator,
  type JsonSchemaValidatorOptions,
} from './schema/json-schema-validator.ts'
