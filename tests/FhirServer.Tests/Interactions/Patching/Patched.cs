using System.Text;
using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Tests.Interactions.Patching;

/// <summary>A patch applied to a stored resource: the JSON after it, or the fault.</summary>
internal sealed record Patched(string? Json, FhirFault? Fault)
{
    public string Text => Fault is null ? throw new InvalidOperationException("It was applied: " + Json) : string.Join(" | ", Fault.Issues.Select(i => i.Text));

    public int Status => Fault?.Status ?? 200;

    public static Patched WithJson(string resource, string patch) => Apply(resource, new FhirRequest("PATCH", Target(resource), Caller.System)
    {
        BaseUrl = "",
        Content = Encoding.UTF8.GetBytes(patch),
    });

    /// <param name="operations">Each as the parts of one operation, without the name.</param>
    public static Patched WithFhirPath(string resource, params string[] operations) => WithParameters(resource,
        $$"""{"resourceType":"Parameters","parameter":[{{string.Join(',', operations.Select(o => $$"""{"name":"operation","part":[{{o}}]}"""))}}]}""");

    public static Patched WithParameters(string resource, string parameters)
    {
        var tree = FhirJsonReader.Read(Encoding.UTF8.GetBytes(parameters), out var issues);
        Assert.Empty(issues);
        return Apply(resource, new FhirRequest("PATCH", Target(resource), Caller.System) { BaseUrl = "", Body = tree!.Root });
    }

    public static string Part(string name, string typed) => $$"""{"name":"{{name}}",{{typed}}}""";

    /// <summary>type and path, and further parts as they are.</summary>
    public static string Operation(string type, string path, params string[] more) =>
        string.Join(',', [Part("type", $"\"valueCode\":\"{type}\""), Part("path", $"\"valueString\":\"{path}\""), .. more]);

    private static Patched Apply(string resource, FhirRequest request)
    {
        var bytes = Encoding.UTF8.GetBytes(resource);
        var stored = FhirJsonReader.Read(bytes, out _)!.Root;
        var current = new StoredResource(1, new(stored.Type.Name, stored.TextOf("id")!), 1, DateTimeOffset.UnixEpoch, false, "PUT", bytes);
        var (patch, unreadable) = PatchDocument.Read(request);
        if (patch is null)
            return new(null, unreadable);
        var (result, fault) = patch.ApplyTo(current);
        Assert.Equal(resource, Encoding.UTF8.GetString(bytes));
        return fault is null ? new(Encoding.UTF8.GetString(result.Raw), null) : new(null, fault);
    }

    private static FhirTarget Target(string resource) => new(FhirJsonReader.Read(Encoding.UTF8.GetBytes(resource), out _)!.Root.Type.Name, "p", null, false, false, null, false);
}
