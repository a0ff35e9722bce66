namespace Hatchery.Benchmarks;

internal static class Waits
{
    /// <summary>Waits for another program to be ready, 10 seconds at most.</summary>
    public static async Task UntilAsync(Func<Task<bool>> ready)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await ready())
            await Task.Delay(50, limit.Token);
    }
}
