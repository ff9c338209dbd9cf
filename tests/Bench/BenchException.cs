namespace FhirEmr.Bench;

/// <summary>The bench cannot go on for a reason the person at the keyboard can mend; shown without a stack trace.</summary>
internal sealed class BenchException(string message) : Exception(message);
