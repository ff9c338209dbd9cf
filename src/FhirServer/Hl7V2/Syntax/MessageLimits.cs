namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>How large a message may be (security S-78). OBX may be as long as the message: documents stand in it.</summary>
internal sealed record MessageLimits(int Bytes = 16 * 1024 * 1024, int Segments = 20_000, int Fields = 1_000, int SegmentCharacters = 64 * 1024);
