using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Tells pointers this store made from those somebody wrote: without its key nobody can point to another's upload.</summary>
internal static class ContentSeal
{
    public static long Of(ISymbols symbols, long content, long size, string digest, string? envelope) =>
        symbols.Hash(Encoding.UTF8.GetBytes(ContentPointer.Sealed(content, size, digest, envelope)));

    public static bool IsGenuine(ISymbols symbols, ContentPointer pointer) => pointer.Seal == Of(symbols, pointer.Content, pointer.Size, pointer.Digest, pointer.Envelope);
}
