using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Packages of a folder → <c>definitions.bin</c> in it.</summary>
internal static class DefinitionBuild
{
    public const string FileName = "definitions.bin";

    /// <summary>Changes whenever a package is added, taken away or replaced; cheap, so that it can be asked for at every start.</summary>
    public static string Fingerprint(string folder)
    {
        var text = new StringBuilder();
        foreach (var file in Packages(folder))
            text.Append(CultureInfo.InvariantCulture, $"{file.Name}|{file.Length}|{file.LastWriteTimeUtc.Ticks}\n");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public static IReadOnlyList<FileInfo> Packages(string folder) => Directory.Exists(folder)
        ? [.. new DirectoryInfo(folder).GetFiles("*.tgz").OrderBy(f => f.Name, StringComparer.Ordinal)]
        : [];

    /// <summary>Builds the file beside the old one and then takes its place. A package that cannot be read keeps what the old file had of it.</summary>
    public static IReadOnlyList<PackageReport> Run(string folder, CancellationToken ct)
    {
        var path = Path.Combine(folder, FileName);
        var fingerprint = Fingerprint(folder);
        var temporary = Path.Combine(folder, $"{FileName}.{Guid.NewGuid():N}.tmp");
        var reports = new List<PackageReport>();
        try
        {
            using (var old = DefinitionFile.Open(path))
            using (var writer = new DefinitionFile.Writer(new FileStream(temporary, FileMode.CreateNew)))
            {
                foreach (var file in Packages(folder))
                {
                    var package = reports.Count;
                    var taken = new List<(DefinitionEntry Entry, byte[] Json)>();
                    var report = PackageFile.Read(file.FullName, (entry, json) => taken.Add((entry, json)), ct);
                    if (report.Definitions == 0 && report.Problems.Count > 0)
                    {
                        taken.Clear();
                        report = Kept(old, report, taken);
                    }

                    foreach (var (entry, json) in taken)
                        writer.Add(entry with { Package = package }, json);
                    reports.Add(report);
                }

                writer.Complete(fingerprint, reports);
            }

            File.Move(temporary, path, overwrite: true);
            return reports;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static PackageReport Kept(DefinitionFile? old, PackageReport broken, List<(DefinitionEntry, byte[])> taken)
    {
        var number = old?.Packages.ToList().FindIndex(p => p.File == broken.File) ?? -1;
        if (number < 0)
            return broken;
        foreach (var entry in old!.Entries)
            if (entry.Package == number)
                taken.Add((entry, old.Read(entry)));
        var before = old.Packages[number];
        return before with { Problems = broken.Problems, Definitions = taken.Count, IsKept = taken.Count > 0 };
    }
}
