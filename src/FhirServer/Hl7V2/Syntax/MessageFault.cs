namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>Something in a message that keeps it from being taken in.</summary>
/// <param name="Code">Of HL7 table 0357, <see cref="ErrorCodes"/>.</param>
/// <param name="Text">A sentence without anything of what the message says: it goes into logs.</param>
/// <param name="At">Null when no place is at fault.</param>
internal sealed record MessageFault(string Code, string Text, ErrorLocation? At = null);
