using System.Globalization;
using FhirEmr.Bench;
using FhirEmr.Bench.Exports;
using FhirEmr.Bench.Growth;
using FhirEmr.Bench.Hl7V2;
using FhirEmr.Bench.Imports;
using FhirEmr.Bench.Kpis;
using FhirEmr.Bench.Limits;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Profile;
using FhirEmr.Bench.Scrubbing;
using FhirEmr.Bench.Security;
using FhirEmr.Bench.Spawn;
using FhirEmr.Bench.Subscriptions;
using FhirEmr.Bench.Terminology;
using FhirEmr.Bench.Validation;
using FhirEmr.Bench.X12;

const string usage = """
    bench limits  what this machine can do at best      [--engine sqlite|postgres] [--data FOLDER | --generated N] [--folder FOLDER] [--out limits.json]
    bench run     measures a running, empty server      [--base URL] [--engine sqlite|postgres] [--data FOLDER | --generated N] [--copies K] [--bundles N] [--warmup-bundles 50]
                  [--concurrency 2] [--seconds 10] [--cases 12] [--rounds 5] [--token-file FILE] [--server-pid N] [--db-pid N]
                  [--database FILE|FOLDER|CONNECTION] [--limits limits.json] [--out report.md|report.json]
    bench all     limits, then starts, measures and stops the server itself      --server fhir-emr.dll [options of run] [-- server arguments]
    bench security  the same work open, with sign-in, and with the audit too    --server fhir-emr.dll --open OpenServer.dll [--engine sqlite|postgres] [--out FILE.md] [options of run]
    bench growth  the same measures as the store grows  --server fhir-emr.dll [--engines sqlite,postgres] [--sizes 100,300,600] [--copies K] [--svg FILE] [--out FILE.md] [options of run]
    bench large   plans and paging depth in a store of millions                  --server fhir-emr.dll [--engine sqlite|postgres] [--resources 5000000] [--out FILE.md] [options of run]
    bench export  resources a second to NDJSON, and the memory of it             --server fhir-emr.dll [--engine sqlite|postgres] [--resources 200000] [--rounds 3] [--out FILE.md] [options of run]
    bench import  resources a second from NDJSON beside those by transactions    --server fhir-emr.dll [--engine sqlite|postgres] [--resources 100000] [--rounds 2] [--out FILE.md] [options of run]
    bench subscriptions  how soon subscribers are told of writes at a rate       --server fhir-emr.dll [--engine sqlite|postgres] [--rate 200] [--seconds 10] [--out FILE.md]
    bench hl7v2   results over MLLP: messages a second, durably acknowledged     --server fhir-emr.dll [--engine sqlite|postgres] [--connections 32] [--seconds 10] [--values 3] [--rounds 3] [--out FILE.md]
    bench profile where the server's CPU goes, with Linux perf                   --server fhir-emr.dll [--engine sqlite|postgres] [--svg FOLDER] [--out FILE.md] [options of run]
    bench validate  how fast the validator is, in process; with a server also what it adds to a write  [--packages fhir-packages] [--rounds 3] [--errors errors|all] [--server fhir-emr.dll]
    bench terminology  code search, $validate-code and value sets               [--server fhir-emr.dll] [--icd10cm FILE] [--also FILE] [--rounds 200] [--show CODE,CODE]
    bench scrub   how fast claims are scrubbed with all rules, in process        [--seconds 10]
    bench kpi     a dashboard over a million claims, in process                  [--claims 1000000] [--rounds 40]
    bench x12     claims written, read and posted a second, and the memory of it [--seconds 10] [--megabytes 200] [--claims 5000] [--server fhir-emr.dll]
    bench train-dictionary  makes the body dictionary that the server ships      --out FILE
    Every command takes --timeout-minutes (30) and ends by then.
    """;

Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

if (args.Length == 0)
{
    Console.Error.WriteLine(usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true; // let the children be stopped and the folders be removed
    stop.Cancel();
};

try
{
    var options = BenchOptions.Parse(args.Skip(1));
    if (args[0] == "point-server") // one half of `limits`, started by it
        return await PointServer.RunAsync(options);

    stop.CancelAfter(TimeSpan.FromMinutes(options.Number("timeout-minutes", 30)));
    return args[0] switch
    {
        "limits" => await LimitsCommand.RunAsync(options, stop.Token),
        "run" => await RunCommand.RunAsync(options, stop.Token),
        "all" => await AllCommand.RunAsync(options, stop.Token),
        "security" => await SecurityCommand.RunAsync(options, stop.Token),
        "growth" => await GrowthCommand.RunAsync(options, stop.Token),
        "large" => await LargeCommand.RunAsync(options, stop.Token),
        "export" => await ExportCommand.RunAsync(options, stop.Token),
        "import" => await ImportCommand.RunAsync(options, stop.Token),
        "subscriptions" => await SubscriptionCommand.RunAsync(options, stop.Token),
        "hl7v2" => await Hl7V2Command.RunAsync(options, stop.Token),
        "profile" => await ProfileCommand.RunAsync(options, stop.Token),
        "validate" => await ValidateCommand.RunAsync(options, stop.Token),
        "scrub" => await ScrubCommand.RunAsync(options, stop.Token),
        "kpi" => await KpiCommand.RunAsync(options, stop.Token),
        "x12" => await X12Command.RunAsync(options, stop.Token),
        "terminology" => await TerminologyCommand.RunAsync(options, stop.Token),
        "train-dictionary" => await TrainDictionary.RunAsync(options, stop.Token),
        var other => throw new BenchException($"'{other}' is not a command.{Environment.NewLine}{usage}"),
    };
}
catch (BenchException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (HttpRequestException e)
{
    Console.Error.WriteLine($"The server cannot be reached any more: {e.Message}");
    return 3;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped before the end.");
    return 3;
}
