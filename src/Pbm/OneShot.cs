using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>Runs one command: what it answers goes out, what went wrong goes to stderr. Ctrl+C ends the command, not the shell.</summary>
internal static class OneShot
{
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
            var outcome = await connection.RunAsync(words, part => Print(part, output), interrupt.Token);
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
