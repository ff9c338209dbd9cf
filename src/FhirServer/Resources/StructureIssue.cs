namespace FhirEmr.FhirServer.Resources;

/// <summary>A place where the input is not FHIR: where, in FHIRPath and in the text, and what to do about it.</summary>
/// <param name="Code">FHIR <c>issue-type</c>: structure, value, required, invalid ...</param>
/// <param name="Rule">What was broken, as the validator names it: unknown-element, wrong-type, bad-literal ...</param>
internal sealed record StructureIssue(string Code, string Expression, int Line, int Column, string Text, string Rule = "malformed");
