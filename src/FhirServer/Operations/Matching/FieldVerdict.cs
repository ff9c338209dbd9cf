namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>What one field says about two records being the same person.</summary>
/// <param name="Field">identifier, family, given, birthDate, gender, telecom, address.</param>
/// <param name="Weight">Bits of evidence: each one more makes sameness twice as likely; negative speaks against it.</param>
/// <param name="Text">A sentence for whoever decides.</param>
internal sealed record FieldVerdict(string Field, double Weight, string Text);
