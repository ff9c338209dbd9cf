using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Meta;

/// <summary>The parts of a Meta that the operations work on: profile, security and tag, each a set.</summary>
/// <remarks>Labels are the same when system and code are (resource.html#tag); a profile is the same by its text.</remarks>
internal static class MetaElements
{
    private static readonly string[] Labels = ["security", "tag"];

    /// <summary>The <c>meta</c> parameter of a call.</summary>
    public static (JsonMembers? Meta, FhirFault? Fault) Sent(FhirRequest request)
    {
        var operation = request.Target.Operation;
        if (!request.Body.Exists || request.Body.Type.Name != "Parameters")
            return (null, FhirFault.Of(FaultKind.Invalid, $"${operation} takes a Parameters resource with a parameter meta (valueMeta)."));

        JsonMembers? meta = null;
        foreach (var parameter in (((JsonMembers)JsonValue.Parse(request.Body.Raw))["parameter"] as JsonItems)?.Items.Cast<JsonMembers>() ?? [])
        {
            if (parameter.TextOf("name") is var name && name != "meta")
                return (null, FhirFault.Of(FaultKind.Invalid, $"${operation} has no parameter '{name}'; it takes meta."));
            if (meta is not null || parameter["valueMeta"] is not JsonMembers sent)
                return (null, FhirFault.Of(FaultKind.Invalid, $"${operation} takes meta once, as a valueMeta.", "Parameters.parameter"));
            meta = sent;
        }

        if (meta is null)
            return (null, FhirFault.Of(FaultKind.Invalid, $"${operation} needs a parameter meta (valueMeta).", "Parameters.parameter", "required"));
        return meta["profile"] is null && meta["security"] is null && meta["tag"] is null
            ? (null, FhirFault.Of(FaultKind.Invalid, "The meta names no profile, security label or tag; nothing else in it can be changed here.", "Parameters.parameter", "required"))
            : (meta, null);
    }

    public static void Add(JsonMembers meta, JsonMembers sent)
    {
        foreach (var profile in Items(sent, "profile"))
            if (!Items(meta, "profile").Exists(p => JsonEquality.Same(p, profile)))
                ListOf(meta, "profile").Items.Add(profile);
        foreach (var name in Labels)
            foreach (var label in Items(sent, name))
                if (!Items(meta, name).Exists(l => IsSame(l, label)))
                    ListOf(meta, name).Items.Add(label);
    }

    public static void Remove(JsonMembers meta, JsonMembers sent)
    {
        foreach (var profile in Items(sent, "profile"))
            Items(meta, "profile").RemoveAll(p => JsonEquality.Same(p, profile));
        foreach (var name in Labels)
            foreach (var label in Items(sent, name))
                Items(meta, name).RemoveAll(l => IsSame(l, label));
    }

    /// <summary>A Meta of all that is in use.</summary>
    public static JsonMembers Of(IReadOnlyList<MetaInUse> used)
    {
        var meta = new JsonMembers();
        foreach (var profile in used.Where(u => u.Element == "profile"))
            ListOf(meta, "profile").Items.Add(Text(profile.Value));
        foreach (var label in used.Where(u => u.Element != "profile"))
        {
            var coding = new JsonMembers();
            if (label.System is not null)
                coding.Set("system", Text(label.System));
            coding.Set("code", Text(label.Value));
            ListOf(meta, label.Element).Items.Add(coding);
        }

        return meta;
    }

    private static bool IsSame(JsonValue a, JsonValue b) =>
        a is JsonMembers x && b is JsonMembers y && x.TextOf("system") == y.TextOf("system") && x.TextOf("code") == y.TextOf("code");

    // An absent list is empty, and what is done to it is lost: only Add keeps one.
    private static List<JsonValue> Items(JsonMembers meta, string name) => (meta[name] as JsonItems)?.Items ?? [];

    private static JsonItems ListOf(JsonMembers meta, string name)
    {
        if (meta[name] is not JsonItems list)
            meta.Set(name, list = new JsonItems());
        return list;
    }

    private static JsonScalar Text(string text) =>
        new(JsonTokenType.String, [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"']);
}
