using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Opaque, signed continuation tokens: stateless, tied to the query they continue, useless when altered.</summary>
/// <remarks>The signature is the store's keyed hash over scope and content, so any node of the same store can read it.</remarks>
internal sealed class PageTokens(IResourceStore store)
{
    public string Write(string content, string scope)
    {
        var text = Encoding.UTF8.GetBytes(content);
        var token = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt64LittleEndian(token, Sign(content, scope));
        text.CopyTo(token, 8);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The content, or null when the token was not written by this store for this scope.</summary>
    public string? Read(string token, string scope)
    {
        if (token.Length > 4096 || !Base64Url.IsValid(token))
            return null;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < 8)
            return null;

        var content = Encoding.UTF8.GetString(bytes.AsSpan(8));
        return BinaryPrimitives.ReadInt64LittleEndian(bytes) == Sign(content, scope) ? content : null;
    }

    private long Sign(string content, string scope) => store.Symbols.Hash(Encoding.UTF8.GetBytes($"page\n{scope}\n{content}"));
}
