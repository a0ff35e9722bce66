using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>The interactive shell: one command a line until exit, the end of the input or the loss of the host.</summary>
internal sealed class PbmShell(HostConnection connection, string address)
{
    public async Task<int> RunAsync()
    {
        Console.WriteLine($"successfully connected to [{address}]");
        Console.WriteLine("Commands downloaded from server. type `help` to see what's available");
        var editor = new LineEditor(line => Completion.Of(connection.Palettes, line));
        var last = ExitCode.Done;
        while (editor.Read($"[{address}] pbm> ") is { } line)
        {
            if (Words.Split(line) is not { } words)
            {
                await Console.Error.WriteLineAsync("a quote is not closed");
                last = ExitCode.Usage;
            }
            else if (words is ["exit" or "quit"])
            {
                return last;
            }
            else if (words.FirstOrDefault() == "help")
            {
                last = await Help.PrintAsync(connection.Palettes, [.. words.Skip(1)], Console.Out);
            }
            else if (words.Count > 0)
            {
                last = await RunAsync(words);
                if (last == ExitCode.NotConnected)
                    return last;
            }
        }
        return Console.IsInputRedirected ? last : ExitCode.Done;
    }

    private async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        // `command > file` keeps the answer.
        if (words.Count > 2 && words[^2] == ">")
        {
            try
            {
                await using var file = File.CreateText(words[^1]);
                return await OneShot.RunAsync(connection, [.. words.SkipLast(2)], file);
            }
            catch (Exception notWritten) when (notWritten is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(notWritten.Message);
                return ExitCode.Failed;
            }
        }
        return await OneShot.RunAsync(connection, words, Console.Out);
    }
}
