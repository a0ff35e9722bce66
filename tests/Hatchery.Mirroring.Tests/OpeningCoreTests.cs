using Hatchery.Disks;

namespace Hatchery.Mirroring.Tests;

/// <summary>Who an opening waits for.</summary>
public sealed class OpeningCoreTests : IOpeningPort
{
    private static readonly SessionRow s_row = SessionRules.Reopen(
        SessionRules.Boot(
            new(Guid.NewGuid()),
            null,
            default,
            new(Guid.NewGuid()),
            "a",
            [new(Guid.NewGuid()), new(Guid.NewGuid())]
        ) with
        {
            Members = ["a", "b"],
        },
        default,
        "b"
    )!;

    private static readonly CachePosition s_end = new(1, 4096);

    private readonly List<string> _sealed = [];
    private readonly List<(OpeningFailure Failure, string? Server)> _failed = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_was_silent_before_is_not_waited_for_where_the_own_copy_will_do(bool isUnheard)
    {
        var core = Begin(isUnheard ? "a" : "nobody");
        Promise(core, "b", CopyCondition.Whole);
        Assert.Equal(isUnheard ? ["b"] : [], _sealed);
    }

    [Fact]
    public void One_that_was_silent_before_and_answers_in_time_has_its_copy_sealed_as_any()
    {
        var core = Begin("a");
        Promise(core, "a", CopyCondition.Whole);
        Promise(core, "b", CopyCondition.Whole);
        Assert.Equal(["a", "b"], _sealed);
    }

    [Theory]
    [InlineData(CopyCondition.Missing)]
    [InlineData(CopyCondition.Lost)]
    [InlineData(CopyCondition.PowerLost)]
    public void One_that_was_silent_before_is_waited_for_where_its_copy_is_the_only_whole_one(CopyCondition own)
    {
        var core = Begin("a");
        Promise(core, "b", own);
        Assert.Empty(_failed);
        Assert.Empty(_sealed);
        core.Tick(MirrorSettings.Default.PromiseTimeout);
        Assert.Equal([(OpeningFailure.TryAgain, null)], _failed);
    }

    [Fact]
    public void Nothing_opens_without_the_promise_of_the_own_copy_whoever_was_silent()
    {
        var core = Begin("a");
        Promise(core, "a", CopyCondition.Whole);
        Assert.Empty(_sealed);
    }

    private OpeningCore Begin(string unheard)
    {
        var core = new OpeningCore(
            "b",
            s_row,
            MirrorSettings.Default,
            this,
            default,
            unheard: new HashSet<string> { unheard }
        );
        core.Start();
        return core;
    }

    private static void Promise(OpeningCore core, string server, CopyCondition condition) =>
        core.Received(server, new MirrorMessage.Promised(new(condition, s_end)) { Epoch = s_row.Epoch }, default);

    void IOpeningPort.Send(string server, MirrorMessage message)
    {
        if (message is MirrorMessage.Seal)
            _sealed.Add(server);
    }

    void IOpeningPort.WriteSegment(
        Epoch epoch,
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes
    ) => throw new NotSupportedException();

    void IOpeningPort.Opened(SessionRow row, CachePosition seal) => throw new NotSupportedException();

    void IOpeningPort.NotOpened(OpeningFailure failure, string reason, string? server) =>
        _failed.Add((failure, server));

    void IRowPort.Swap(SessionRow row) => throw new NotSupportedException();

    void IRowPort.ReadRow() => throw new NotSupportedException();
}
