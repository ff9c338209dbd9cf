namespace FhirEmr.Terminology.Tests;

/// <summary>The public release files kept beside the repository, when they are there.</summary>
internal static class SharedData
{
    public static string File(params string[] path)
    {
        var found = Path.Combine([Folder(), .. path]);
        if (!System.IO.File.Exists(found) && !Directory.Exists(found))
            Assert.Skip($"{string.Join('/', path)} is not beside the repository.");
        return found;
    }

    private static string Folder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "FhirEmr.sln")))
                return Path.Combine(at.Parent?.FullName ?? "", "shared", "data");
        }

        return "";
    }
}
