using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents;

/// <summary>A FHIR document before it is a Bundle: its Composition and what that refers to, each under the address that references use.</summary>
internal sealed record DocumentContent(string CompositionUrl, Composition Composition, IReadOnlyList<(string FullUrl, ReadOnlyMemory<byte> Json)> Entries);
