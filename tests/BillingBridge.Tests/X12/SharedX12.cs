namespace FhirEmr.BillingBridge.Tests.X12;

/// <summary>Files given beside the repository (<c>../shared/data/x12</c>); tests over them are skipped when they are absent.</summary>
internal static class SharedX12
{
    public static string? Folder { get; } = Find();

    public static string Require()
    {
        if (Folder is null)
            Assert.Skip("shared/data/x12 is not beside the repository.");
        return Folder!;
    }

    public static IEnumerable<string> Clean(string prefix) => Directory.EnumerateFiles(Path.Combine(Require(), "clean"), prefix + "*.x12").Order();

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                continue;
            var data = Path.Combine(folder.Parent!.FullName, "shared", "data", "x12");
            return Directory.Exists(data) ? data : null;
        }

        return null;
    }
}
