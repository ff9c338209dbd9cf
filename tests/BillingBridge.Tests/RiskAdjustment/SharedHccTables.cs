using FhirEmr.BillingBridge.RiskAdjustment;

namespace FhirEmr.BillingBridge.Tests.RiskAdjustment;

/// <summary>CMS's own tables beside the repository (<c>../shared/data/cms-hcc</c>); tests over them are skipped when they are absent.</summary>
internal static class SharedHccTables
{
    private static readonly string? Folder = Find();

    private static readonly Lazy<HccTables> Of2026 = new(() => HccTables.Read(Folder!, 2026));

    public static HccTables Require()
    {
        if (Folder is null)
            Assert.Skip("shared/data/cms-hcc is not beside the repository.");
        return Of2026.Value;
    }

    public static HccTables Require(int year)
    {
        Require();
        return HccTables.Read(Folder!, year);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                continue;
            var data = Path.Combine(folder.Parent!.FullName, "shared", "data", "cms-hcc");
            return Directory.Exists(data) ? data : null;
        }

        return null;
    }
}
