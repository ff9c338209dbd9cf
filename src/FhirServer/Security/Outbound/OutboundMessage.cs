namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>What is sent to another server, of which nothing but the status of the answer is wanted.</summary>
/// <param name="Body">Empty for none.</param>
internal sealed record OutboundMessage(HttpMethod Method, Uri Address, ReadOnlyMemory<byte> Body, string? ContentType, IReadOnlyList<(string Name, string Value)> Headers, TimeSpan Patience);
