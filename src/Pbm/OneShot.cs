using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>
/// Runs one command: what it answers goes out, what went wrong goes to stderr. Ctrl+C ends the command, not the shell; what the command had said of Ctrl+C is
/// said again then.
/// </summary>
internal static class OneShot
{
    private const string OfInterrupts = "Ctrl+C ";

    public static async Task<int> RunAsync(HostConnection connection, IReadOnlyList<string> words, TextWriter output)
    {
        if (words[^1] is "help" or "--help" or "-h")
            return await Help.PrintAsync(connection.Palettes, [.. words.SkipLast(1)], output);
        using var interrupt = new CancellationTokenSource();
        void OnInterrupt(object? sender, ConsoleCancelEventArgs pressed)
        {
            pressed.Cancel = true;
            interrupt.Cancel();
        }
        Console.CancelKeyPress += OnInterrupt;
        try
        {
            var hint = "";
            var outcome = await connection.RunAsync(
                Signature.Under(words, connection.Palettes),
                part =>
                {
                    Print(part, output);
                    hint = part.Text.StartsWith(OfInterrupts, StringComparison.Ordinal) ? part.Text : hint;
                },
                interrupt.Token
            );
            if (interrupt.IsCancellationRequested && hint.Length > 0)
            {
                await Console.Error.WriteLineAsync($"\n{hint}");
                return ExitCode.Interrupted;
            }
            return outcome switch
            {
                AnswerPart.Failed => ExitCode.Failed,
                AnswerPart.Usage => ExitCode.Usage,
                _ => ExitCode.Done,
            };
        }
        catch (IOException cannot)
        {
            await Console.Error.WriteLineAsync(cannot.Message);
            return cannot is HostLostException ? ExitCode.NotConnected : ExitCode.Failed;
        }
        finally
        {
            Console.CancelKeyPress -= OnInterrupt;
        }
    }

    private static void Print(AnswerPart part, TextWriter output)
    {
        if (part.Text.Length == 0)
            return;
        (part.Outcome is AnswerPart.Failed or AnswerPart.Usage ? Console.Error : output).WriteLine(part.Text);
        output.Flush();
    }
}
