namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>One statement and its arguments (long, int, string, byte[], long[] or string[]), numbered from 1 in the text.</summary>
internal sealed record SqlStatement(string Text, IReadOnlyList<object> Arguments);
