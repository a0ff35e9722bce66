using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hatchery.Testing;

/// <summary>Everything a process has said, line by line with the time of each; those who wait for a line are told when it comes. Thread-safe.</summary>
/// <param name="fatal">A line with one of these ends every wait: what was waited for will not come.</param>
public sealed partial class ProcessOutput(string name, params IReadOnlyList<string> fatal)
{
    private const int LinesInAnException = 60;

    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<string> _lines = [];
    private readonly List<long> _moments = [];
    private readonly List<string> _stamped = [];
    private readonly List<Waiter> _waiters = [];
    private readonly TaskCompletionSource<string> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All lines so far, without their times.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>How long after that moment (of <see cref="Stopwatch.GetTimestamp"/>) the first line with <paramref name="marker"/> came; null: none has.</summary>
    public TimeSpan? FirstAfter(long moment, string marker)
    {
        lock (_gate)
        {
            for (var i = 0; i < _lines.Count; i++)
                if (_moments[i] >= moment && _lines[i].Contains(marker, StringComparison.Ordinal))
                    return Stopwatch.GetElapsedTime(moment, _moments[i]);
        }
        return null;
    }

    /// <summary>All lines so far with the seconds since the start.</summary>
    public string Transcript(int linesMax = int.MaxValue)
    {
        lock (_gate)
            return $"--- {name}\n{string.Join('\n', _stamped.TakeLast(linesMax))}\n--- end of {name}";
    }

    /// <summary>The line that holds <paramref name="marker"/>, now or later.</summary>
    /// <param name="occurrence">1 for the first such line since the start, 2 for the second, and so on.</param>
    /// <exception cref="TimeoutException">It did not come, or the process ended without it; the message has the last lines.</exception>
    public async Task<string> WaitForAsync(string marker, TimeSpan limit, int occurrence = 1)
    {
        var waiter = new Waiter(marker, occurrence);
        lock (_gate)
        {
            _waiters.Add(waiter);
            foreach (var line in _lines)
                waiter.See(line);
        }
        try
        {
            using var enough = new CancellationTokenSource(limit);
            await Task.WhenAny(waiter.Found, _over.Task).WaitAsync(enough.Token);
            if (waiter.Found.IsCompleted)
                return await waiter.Found;
            throw new TimeoutException(
                $"{name} {await _over.Task} and did not say '{marker}' ({occurrence})\n{Transcript(LinesInAnException)}"
            );
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"{name} did not say '{marker}' ({occurrence}) within {limit.TotalSeconds:0} s\n{Transcript(LinesInAnException)}"
            );
        }
        finally
        {
            lock (_gate)
                _waiters.Remove(waiter);
        }
    }

    /// <summary>Reads streams to their end; carriage returns end lines too, and a terminal's escape sequences are left out.</summary>
    internal async Task ReadAsync(params IEnumerable<Stream> streams)
    {
        await Task.WhenAll(streams.Select(ReadOneAsync));
        _over.TrySetResult("ended");
    }

    private async Task ReadOneAsync(Stream stream)
    {
        var buffer = new byte[16 << 10];
        var line = new StringBuilder();
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                foreach (var c in Encoding.Latin1.GetString(buffer, 0, count))
                {
                    if (c is (char)8)
                        continue; // a terminal's way to wipe what it has shown
                    if (c is not ('\r' or '\n'))
                        line.Append(c);
                    else
                        Add(line);
                }
            }
        }
        catch (IOException)
        {
            // The other end was killed: the end of what it had to say.
        }
        Add(line);
    }

    private void Add(StringBuilder raw)
    {
        var line = TerminalEscapes().Replace(raw.ToString(), "").Trim('\0', '\a', ' ');
        raw.Clear();
        if (line.Length == 0)
            return;
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            _lines.Add(line);
            _moments.Add(now);
            var seconds = Stopwatch.GetElapsedTime(_start, now).TotalSeconds;
            _stamped.Add(string.Create(CultureInfo.InvariantCulture, $"{seconds, 8:0.00} {line}"));
            foreach (var waiter in _waiters)
                waiter.See(line);
        }
        if (fatal.Any(mark => line.Contains(mark, StringComparison.Ordinal)))
            _over.TrySetResult($"said '{line}'");
    }

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|c)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TerminalEscapes();

    private sealed class Waiter(string marker, int occurrence)
    {
        private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = occurrence;

        public Task<string> Found => _found.Task;

        public void See(string line)
        {
            if (line.Contains(marker, StringComparison.Ordinal) && --_left == 0)
                _found.TrySetResult(line);
        }
    }
}
