namespace Pbm;

/// <summary>
/// `--stdin`: the bytes that are piped into pbm, less a line's end behind them, take the place of the word, in base64. So what is not to be
/// seen stands neither in the shell's history nor in a list of processes.
/// </summary>
internal static class PipedSecret
{
    public const string Switch = "--stdin";

    private const int BytesMax = 16 << 10;

    /// <returns>Null: too much is piped.</returns>
    public static IReadOnlyList<string>? FillIn(IReadOnlyList<string> words, Stream piped)
    {
        if (!words.Contains(Switch, StringComparer.Ordinal))
            return words;
        var bytes = new byte[BytesMax + 1];
        var length = piped.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > BytesMax)
            return null;
        if (length > 0 && bytes[length - 1] == '\n')
            length--;
        if (length > 0 && bytes[length - 1] == '\r')
            length--;
        var text = Convert.ToBase64String(bytes, 0, length);
        return [.. words.Select(w => w == Switch ? $"{Switch}={text}" : w)];
    }
}
