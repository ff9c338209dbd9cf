using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>JSON Patch: a list of add, remove, replace, move, copy and test, all of which hold or none.</summary>
/// <remarks>RFC 6902; http.html#patch. What cannot be read is 400; an operation that does not fit the resource is 422. Both name the operation.</remarks>
internal sealed class JsonPatch(IReadOnlyList<JsonPatchOperation> operations) : PatchDocument
{
    /// <summary>What copies may add to a resource in bytes: each could double it.</summary>
    private const int MostCopied = 16 * 1024 * 1024;

    public static (JsonPatch? Patch, FhirFault? Fault) Read(ReadOnlyMemory<byte> content)
    {
        JsonValue document;
        try
        {
            document = JsonValue.Parse(content.Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: half a surrogate pair in a name
        {
            return (null, FhirFault.Of(FaultKind.Invalid, $"The patch is not well-formed JSON: {e.Message}", code: "structure"));
        }

        if (document is not JsonItems list)
            return (null, FhirFault.Of(FaultKind.Invalid, """A JSON Patch is a list of operations: [{"op":"replace","path":"/active","value":false}].""", code: "structure"));
        if (TooMany(list.Items.Count) is { } many)
            return (null, many);

        var operations = new List<JsonPatchOperation>(list.Items.Count);
        foreach (var item in list.Items)
        {
            var (operation, why) = JsonPatchOperation.Read(item);
            if (operation is null)
                return (null, FhirFault.Of(FaultKind.Invalid, $"Operation {operations.Count} of the patch: {why}", code: "structure"));
            operations.Add(operation);
        }

        return (new(operations), null);
    }

    protected override (JsonMembers? Result, FhirFault? Fault) Apply(JsonMembers resource)
    {
        JsonValue root = resource;
        var copied = 0;
        for (var i = 0; i < operations.Count; i++)
        {
            var operation = operations[i];
            if (operation.Apply(ref root) is { } why)
                return (null, FhirFault.Of(FaultKind.Unprocessable, $"Operation {i} of the patch ({operation}): {why}", code: operation.Name == "test" ? "conflict" : "not-found"));
            if (operation.Name == "copy" && (copied += operation.Size(root)) > MostCopied)
                return (null, FhirFault.Of(FaultKind.Unprocessable, $"Operation {i} of the patch ({operation}): its copies add more than {MostCopied / (1024 * 1024)} MiB.", code: "too-costly"));
        }

        return root is JsonMembers result ? (result, null)
            : (null, FhirFault.Of(FaultKind.Unprocessable, "The patch leaves something that is no resource: its root must stay an object.", code: "structure"));
    }
}

/// <summary>One operation of a JSON Patch.</summary>
internal sealed record JsonPatchOperation(string Name, JsonPointer Path, JsonPointer? From, JsonValue? Value)
{
    private static readonly string[] Names = ["add", "remove", "replace", "move", "copy", "test"];

    public static (JsonPatchOperation? Operation, string? Why) Read(JsonValue item)
    {
        if (item is not JsonMembers members)
            return (null, "it is no object.");
        if (members.TextOf("op") is not { } name)
            return (null, $"it has no \"op\"; there are {string.Join(", ", Names)}.");
        if (!Names.Contains(name))
            return (null, $"'{name}' is no operation{(NearestName.Of(name, Names) is { } near ? $"; did you mean '{near}'?" : $"; there are {string.Join(", ", Names)}.")}");
        if (members.TextOf("path") is not { } text)
            return (null, "it has no \"path\", a JSON Pointer such as /name/0/family.");
        if (JsonPointer.Parse(text, out var why) is not { } path)
            return (null, why);

        JsonPointer? from = null;
        if (name is "move" or "copy")
        {
            if (members.TextOf("from") is not { } source)
                return (null, $"{name} needs \"from\", the JSON Pointer to take the value from.");
            if ((from = JsonPointer.Parse(source, out why)) is null)
                return (null, why);
            if (name == "move" && from.Encloses(path))
                return (null, $"{from} cannot be moved into itself.");
        }

        var value = members["value"];
        return value is null && name is "add" or "replace" or "test"
            ? (null, $"{name} needs a \"value\".")
            : (new(name, path, from, value), null);
    }

    /// <summary>Null when done; otherwise why not.</summary>
    public string? Apply(ref JsonValue root)
    {
        string? why;
        switch (Name)
        {
            case "add":
                return Add(ref root, Value!.Clone());
            case "remove":
                return Remove(root, Path);
            case "replace":
                return Path.Find(root, out why) is null ? why : Put(ref root, Value!.Clone());
            case "test":
                return Path.Find(root, out why) is not { } found ? why
                    : JsonEquality.Same(found, Value!) ? null : "the value there is another one; nothing was changed.";
            default:
                if (From!.Find(root, out why) is not { } source)
                    return why;
                if (Name == "copy")
                    return Add(ref root, source.Clone());
                return Path.Text == From.Text ? null : Remove(root, From) ?? Add(ref root, source);
        }
    }

    public int Size(JsonValue root) => Path.Tokens is [.., "-"] ? (Path.FindParent(root, out _) as JsonItems)?.Items[^1].ToBytes().Length ?? 0 : Path.Find(root, out _)?.ToBytes().Length ?? 0;

    public override string ToString() => From is null ? $"{Name} {Path}" : $"{Name} {From} to {Path}";

    private string? Add(ref JsonValue root, JsonValue value)
    {
        if (TooDeep(value) is { } deep)
            return deep;
        if (Path.Tokens.Count == 0)
        {
            root = value;
            return null;
        }

        var last = Path.Tokens[^1];
        switch (Path.FindParent(root, out var why))
        {
            case null:
                return $"{why} A list or object that is not there yet is added whole, e.g. \"path\":\"/name\",\"value\":[...].";
            case JsonMembers members:
                members.Set(last, value);
                return null;
            case JsonItems list when last == "-":
                list.Items.Add(value);
                return null;
            case JsonItems list when JsonPointer.TryIndex(last, list.Items.Count, out var index):
                list.Items.Insert(index, value);
                return null;
            case var parent:
                return Path.Missing(parent, last, Path.Tokens.Count - 1);
        }
    }

    private string? Put(ref JsonValue root, JsonValue value)
    {
        if (TooDeep(value) is { } deep)
            return deep;
        if (Path.Tokens.Count == 0)
            root = value;
        else if (Path.FindParent(root, out _) is JsonMembers members)
            members.Set(Path.Tokens[^1], value);
        else if (Path.FindParent(root, out _) is JsonItems list && JsonPointer.TryIndex(Path.Tokens[^1], list.Items.Count - 1, out var index))
            list.Items[index] = value;
        return null;
    }

    private static string? Remove(JsonValue root, JsonPointer path)
    {
        if (path.Tokens.Count == 0)
            return "the whole resource cannot be taken away: DELETE does that.";
        var last = path.Tokens[^1];
        switch (path.FindParent(root, out var why))
        {
            case null:
                return why;
            case JsonMembers members when members.Remove(last):
                return null;
            case JsonItems list when JsonPointer.TryIndex(last, list.Items.Count - 1, out var index):
                list.Items.RemoveAt(index);
                return null;
            case var parent:
                return path.Missing(parent, last, path.Tokens.Count - 1);
        }
    }

    // Nested by copies a document could grow so deep that writing it out would end the stack.
    private string? TooDeep(JsonValue value) => Path.Tokens.Count + value.Height <= FhirJsonParse.MaxDepth ? null
        : $"the result would be nested more than {FhirJsonParse.MaxDepth} deep.";
}
