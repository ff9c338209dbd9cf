namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>What a command is to read: a file, or those of a folder and the folders in it.</summary>
internal static class InputFiles
{
    /// <param name="path">A file is taken whatever its name is.</param>
    /// <param name="endings">Of a folder's files, those that end so, in upper or lower case.</param>
    /// <exception cref="FileNotFoundException">There is neither.</exception>
    public static IReadOnlyList<string> Of(string path, params string[] endings)
    {
        if (File.Exists(path))
            return [path];
        return Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(f => Array.Exists(endings, e => f.EndsWith(e, StringComparison.OrdinalIgnoreCase))).Order(StringComparer.Ordinal)]
            : throw new FileNotFoundException($"There is no file or folder {path}.");
    }
}
