using System.Threading.Channels;

namespace Akka.Persistence.Tests.Support;

/// <summary>What actors tell a test, in order.</summary>
public sealed class Told
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly Channel<string> _channel = Channel.CreateUnbounded<string>();

    public ChannelWriter<string> Writer => _channel.Writer;

    public async Task<string> NextAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        return await _channel.Reader.ReadAsync(limit.Token);
    }

    public async Task<List<string>> TakeAsync(int count)
    {
        var taken = new List<string>();
        while (taken.Count < count)
            taken.Add(await NextAsync());
        return taken;
    }

    /// <summary>Reads on until something starts so, and gives it.</summary>
    public async Task<string> UntilAsync(string start)
    {
        while (true)
        {
            var next = await NextAsync();
            if (next.StartsWith(start, StringComparison.Ordinal))
                return next;
        }
    }
}
