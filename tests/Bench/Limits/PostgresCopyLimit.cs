using System.Diagnostics;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;
using Npgsql;
using NpgsqlTypes;
using ZstdSharp;

namespace FhirEmr.Bench.Limits;

/// <summary>Binary COPY of the same rows into heaps with one covering B-tree each, 300 resources a transaction, one connection.</summary>
internal sealed class PostgresCopyLimit(LimitInput input, NpgsqlConnection connection, Compressor compressor)
{
    private const int PerCommit = 300;

    private const string Schema = """
        DROP SCHEMA IF EXISTS bench_limit CASCADE;
        CREATE SCHEMA bench_limit;
        SET search_path = bench_limit;
        CREATE TABLE resource(sid bigint PRIMARY KEY, type smallint NOT NULL, id text NOT NULL, version int NOT NULL, updated bigint NOT NULL, deleted boolean NOT NULL, body bytea NOT NULL);
        ALTER TABLE resource ALTER COLUMN body SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX ON resource(type, id, version);
        CREATE TABLE token(param smallint NOT NULL, hash bigint NOT NULL, system int NOT NULL, sid bigint NOT NULL);
        CREATE INDEX ON token(param, hash, system, sid);
        CREATE TABLE reference(hash bigint NOT NULL, param smallint NOT NULL, sid bigint NOT NULL);
        CREATE INDEX ON reference(hash, param, sid);
        CREATE TABLE date(param smallint NOT NULL, low bigint NOT NULL, high bigint NOT NULL, sid bigint NOT NULL);
        CREATE INDEX ON date(param, low, high, sid);
        CREATE TABLE string(param smallint NOT NULL, text text COLLATE "C" NOT NULL, sid bigint NOT NULL);
        CREATE INDEX ON string(param, text, sid);
        CREATE TABLE quantity(param smallint NOT NULL, unit int NOT NULL, value double precision NOT NULL, sid bigint NOT NULL);
        CREATE INDEX ON quantity(param, unit, value, sid);
        """;

    public static async Task<InsertFigure> MeasureAsync(LimitInput input, PostgresCluster cluster, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionString);
        await connection.OpenAsync(ct);
        using var compressor = input.Compressor();
        var limit = new PostgresCopyLimit(input, connection, compressor);
        await limit.ExecuteAsync(Schema, ct);
        try
        {
            return await limit.CopyAsync(cluster.Pid, ct);
        }
        finally
        {
            await limit.ExecuteAsync("DROP SCHEMA bench_limit CASCADE", CancellationToken.None);
        }
    }

    private async Task<InsertFigure> CopyAsync(int clusterPid, CancellationToken ct)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var engineCpu = ProcessUsage.CpuSeconds(clusterPid, withChildren: true) ?? 0;
        var start = Stopwatch.GetTimestamp();
        for (var first = 0; first < LimitInput.Resources; first += PerCommit)
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await CopyRangeAsync(first, first + PerCommit, ct);
            await transaction.CommitAsync(ct);
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds
            + (ProcessUsage.CpuSeconds(clusterPid, withChildren: true) ?? 0) - engineCpu;
        return new InsertFigure(
            LimitInput.Resources / seconds, LimitInput.Resources / cpuSeconds, LimitInput.Resources * IndexRowSet.RowsPerResource / seconds,
            await SizeAsync(ct) / (double)LimitInput.Resources);
    }

    private async Task CopyRangeAsync(int from, int to, CancellationToken ct)
    {
        await CopyTableAsync("resource", from, to, WriteResource, ct);
        await CopyTableAsync("token", from, to, (copy, i) =>
        {
            foreach (var row in input.Rows[i].Tokens)
            {
                copy.StartRow();
                copy.Write((short)row.Param, NpgsqlDbType.Smallint);
                copy.Write(row.Hash, NpgsqlDbType.Bigint);
                copy.Write(row.System, NpgsqlDbType.Integer);
                copy.Write(i + 1L, NpgsqlDbType.Bigint);
            }
        }, ct);
        await CopyTableAsync("reference", from, to, (copy, i) =>
        {
            foreach (var row in input.Rows[i].References)
            {
                copy.StartRow();
                copy.Write(row.Hash, NpgsqlDbType.Bigint);
                copy.Write((short)row.Param, NpgsqlDbType.Smallint);
                copy.Write(i + 1L, NpgsqlDbType.Bigint);
            }
        }, ct);
        await CopyTableAsync("date", from, to, (copy, i) =>
        {
            foreach (var row in input.Rows[i].Dates)
            {
                copy.StartRow();
                copy.Write((short)row.Param, NpgsqlDbType.Smallint);
                copy.Write(row.Low, NpgsqlDbType.Bigint);
                copy.Write(row.High, NpgsqlDbType.Bigint);
                copy.Write(i + 1L, NpgsqlDbType.Bigint);
            }
        }, ct);
        await CopyTableAsync("string", from, to, (copy, i) =>
        {
            foreach (var row in input.Rows[i].Strings)
            {
                copy.StartRow();
                copy.Write((short)row.Param, NpgsqlDbType.Smallint);
                copy.Write(row.Text, NpgsqlDbType.Text);
                copy.Write(i + 1L, NpgsqlDbType.Bigint);
            }
        }, ct);
        await CopyTableAsync("quantity", from, to, (copy, i) =>
        {
            var row = input.Rows[i].Quantity;
            copy.StartRow();
            copy.Write((short)row.Param, NpgsqlDbType.Smallint);
            copy.Write(row.Unit, NpgsqlDbType.Integer);
            copy.Write(row.Value, NpgsqlDbType.Double);
            copy.Write(i + 1L, NpgsqlDbType.Bigint);
        }, ct);
    }

    private void WriteResource(NpgsqlBinaryImporter copy, int i)
    {
        copy.StartRow();
        copy.Write(i + 1L, NpgsqlDbType.Bigint);
        copy.Write((short)(i % 16), NpgsqlDbType.Smallint);
        copy.Write(LimitKeys.Id(i), NpgsqlDbType.Text);
        copy.Write(1, NpgsqlDbType.Integer);
        copy.Write(i + 1L, NpgsqlDbType.Bigint);
        copy.Write(false, NpgsqlDbType.Boolean);
        copy.Write(compressor.Wrap(input.Bodies[i]).ToArray(), NpgsqlDbType.Bytea);
    }

    private async Task CopyTableAsync(string table, int from, int to, Action<NpgsqlBinaryImporter, int> write, CancellationToken ct)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT BINARY)", ct);
        for (var i = from; i < to; i++)
            write(copy, i);
        await copy.CompleteAsync(ct);
    }

    private async Task<long> SizeAsync(CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'bench_limit' AND c.relkind = 'r'", connection);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
