namespace FhirEmr.BillingBridge.Documents;

/// <summary>One enclosed record as text.</summary>
/// <param name="Sections">Title and text.</param>
internal sealed record PacketEnclosure(string Title, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<(string Title, string Text)> Sections);
