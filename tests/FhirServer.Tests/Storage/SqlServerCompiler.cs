using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema.SqlServer;
using FhirEmr.FhirServer.Storage.SqlServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.Dac.Model;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Compiles T-SQL against the schema that our migrations make, without a server: tables, columns and syntax are resolved.</summary>
public sealed class SqlServerCompiler : IDisposable
{
    /// <summary>The server's own, which a model without the master database cannot know.</summary>
    private static readonly string[] SystemObjects = ["[sys].[databases]", "[sys].[database_files]", "[dbo].[sp_getapplock]"];

    private readonly TSqlModel model = new(SqlServerVersion.Sql160, new TSqlModelOptions { Collation = "Latin1_General_100_CI_AS" });
    private readonly HashSet<string> seen = [];
    private readonly List<string> askers = [];
    private readonly Lock gate = new();

    public SqlServerCompiler()
    {
        using var context = SqlServerStoreContext.Open("Server=none");
        var migrations = context.GetService<IMigrationsAssembly>();
        var runtime = context.GetService<IModelRuntimeInitializer>();
        var generator = context.GetService<IMigrationsSqlGenerator>();
        var commands = migrations.Migrations.Values.Select(m => migrations.CreateMigration(m, context.Database.ProviderName!))
            .SelectMany(m => generator.Generate(m.UpOperations, runtime.Initialize(m.TargetModel, designTime: true))).Select(c => c.CommandText)
            .Prepend(context.GetService<IHistoryRepository>().GetCreateScript());
        foreach (var sql in commands)
            if (sql.StartsWith("CREATE ", StringComparison.Ordinal))
                model.AddObjects(sql);
            else
                Add(sql, []);
    }

    /// <summary>Adds the statement as a procedure body; texts met before are not compiled again.</summary>
    internal void Add(SqlStatement statement) => Add(statement.Text, [.. statement.Arguments.Select(SqlServerArguments.Declaration)]);

    public void Add(string sql, IReadOnlyList<string> types)
    {
        lock (gate)
            if (seen.Add(sql))
            {
                askers.Add(TestContext.Current.Test?.TestDisplayName ?? "a migration");
                model.AddObjects($"CREATE PROCEDURE [dbo].[Q{seen.Count}] {string.Join(", ", types.Select((t, i) => $"@p{i + 1} {t}"))} AS BEGIN {sql}\nEND");
            }
    }

    /// <summary>What does not compile, and the test that asked it first. The whole model is judged each time, so that this is for the end.</summary>
    public IReadOnlyList<string> Check()
    {
        lock (gate)
            return [.. model.Validate().Select(m => $"{m.MessageType} {m.Prefix}{m.Number}: {m.Message}").Where(m => !SystemObjects.Any(m.Contains)).Select(m => m + AskerOf(m))];
    }

    private string AskerOf(string message) =>
        Regex.Match(message, @"\[Q(\d+)\]") is { Success: true } procedure ? $" (asked by {askers[int.Parse(procedure.Groups[1].Value, CultureInfo.InvariantCulture) - 1]})" : "";

    public int Count => seen.Count;

    public void Dispose() => model.Dispose();
}
