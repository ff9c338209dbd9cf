using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr import hl7v2</c>: messages from files, into this installation, as if their sender had sent them.</summary>
/// <remarks>A second run, or one after a crash, finds what is done by MSH-10 and goes on.</remarks>
internal static class ImportHl7V2Command
{
    private const int MostFileBytes = 1024 * 1024 * 1024;

    public static Command Build()
    {
        var path = new Argument<string>("path") { Description = "A file or folder: messages (*.hl7, *.er7, *.txt), one or many in a file, with FHS and BHS around them or without." };
        var sender = new Option<string>("--sender") { Description = "Whose messages they are: a name below Hl7V2:Senders, or a new one.", Required = true };
        var command = new Command("hl7v2", "Load HL7 v2 messages. A second run of the same files changes nothing.") { path, sender };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(path)!, parse.GetValue(sender)!, [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string path, string senderName, string[] settings, CancellationToken ct)
    {
        var files = InputFiles.Of(path, ".hl7", ".er7", ".txt");
        if (files.Count == 0)
            throw new CliException($"{path} has no *.hl7, *.er7 or *.txt file.");
        await using var store = await LocalStore.OpenAsync(settings, ct);
        var reception = store.Services.GetRequiredService<Reception>();
        var sender = store.Services.GetRequiredService<SenderBook>().Named(senderName);
        var (watch, messages, applied, parked, known, refused) = (Stopwatch.StartNew(), 0, 0, 0, 0, 0);
        foreach (var file in files)
        {
            if (new FileInfo(file).Length > MostFileBytes)
                throw new CliException($"{file} is larger than 1 GiB: split it.");
            foreach (var (line, message) in MessageFile.Split(await File.ReadAllBytesAsync(file, ct)))
            {
                ct.ThrowIfCancellationRequested();
                messages++;
                var received = await reception.ReceiveAsync(message, sender, Caller.System, null, ct);
                if (received.IsTransient)
                    throw new CliException($"{file}:{line}: {received.Why} What was done stays done; run the command again to go on.");
                if (received.Code != Acknowledgement.Accepted)
                {
                    refused++;
                    Console.WriteLine($"refused  {file}:{line}: {received.Why}");
                }
                else if (received.IsRepeat)
                {
                    known++;
                }
                else if (received.IsParked)
                {
                    parked++;
                }
                else
                {
                    applied++;
                }
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{messages:N0} messages from {files.Count} files in {watch.Elapsed.TotalSeconds:F1} s: {applied:N0} applied, {known:N0} were here, {parked:N0} parked for a person, {refused:N0} refused"));
        return refused == 0 ? 0 : CommandLine.SomeRefused;
    }
}
