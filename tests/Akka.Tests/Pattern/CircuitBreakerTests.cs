using Akka.Configuration;
using Akka.Pattern;
using Akka.TestKit;

namespace Akka.Tests.Pattern;

public sealed class CircuitBreakerTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Reset = TimeSpan.FromSeconds(10);

    private readonly TestScheduler time;
    private readonly CircuitBreaker breaker;

    public CircuitBreakerTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
        time = (TestScheduler)Sys.Scheduler;
        breaker = New();
    }

    [Fact]
    public void A_late_result_is_given_and_counts_as_a_failure()
    {
        var late = breaker.WithSyncCircuitBreaker(() =>
        {
            time.Advance(breaker.CallTimeout);
            return 7;
        });
        Assert.Equal(7, late);
        Assert.Equal(1, breaker.CurrentFailureCount);
        Assert.IsType<TimeoutException>(breaker.LastCaughtException);
    }

    [Fact]
    public async Task A_second_call_beside_the_one_that_tries_hears_that_the_breaker_is_half_open()
    {
        await FailOnce(breaker);
        await FailOnce(breaker);
        time.Advance(Reset);
        var tries = new TaskCompletionSource<int>();
        var first = breaker.WithCircuitBreaker(() => tries.Task);
        var refused = await Assert.ThrowsAsync<OpenCircuitException>(() =>
            breaker.WithCircuitBreaker(() => Task.FromResult(1))
        );
        Assert.StartsWith("Circuit breaker is half open", refused.Message, StringComparison.Ordinal);
        tries.SetResult(2);
        Assert.Equal(2, await first);
    }

    [Fact]
    public async Task A_closed_breaker_passes_the_result_on() =>
        Assert.Equal(7, await breaker.WithCircuitBreaker(() => Task.FromResult(7)));

    [Fact]
    public async Task A_closed_breaker_passes_the_failure_on() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => breaker.WithCircuitBreaker(Broken));

    [Fact]
    public async Task Failures_in_a_row_open_it()
    {
        await FailOnce(breaker);
        Assert.True(breaker.IsClosed);
        await FailOnce(breaker);
        Assert.True(breaker.IsOpen);
    }

    [Fact]
    public async Task A_success_in_between_starts_the_count_again()
    {
        await FailOnce(breaker);
        await breaker.WithCircuitBreaker(() => Task.FromResult(1));
        await FailOnce(breaker);
        Assert.True(breaker.IsClosed);
        Assert.Equal(1, breaker.CurrentFailureCount);
    }

    [Fact]
    public async Task An_open_breaker_refuses_without_calling()
    {
        await Open(breaker);
        var called = false;
        await Assert.ThrowsAsync<OpenCircuitException>(() =>
            breaker.WithCircuitBreaker(() =>
            {
                called = true;
                return Task.CompletedTask;
            })
        );
        Assert.False(called);
    }

    [Fact]
    public async Task A_refusal_says_how_long_it_will_last()
    {
        await Open(breaker);
        time.Advance(TimeSpan.FromSeconds(4));
        var refusal = Assert.Throws<OpenCircuitException>(() => breaker.WithSyncCircuitBreaker(() => 1));
        Assert.InRange(refusal.RemainingDuration, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task After_the_reset_time_it_is_half_open()
    {
        await Open(breaker);
        time.Advance(Reset);
        Assert.True(breaker.IsHalfOpen);
    }

    [Fact]
    public async Task A_success_while_half_open_closes_it()
    {
        await Open(breaker);
        time.Advance(Reset);
        Assert.Equal(1, breaker.WithSyncCircuitBreaker(() => 1));
        Assert.True(breaker.IsClosed);
    }

    [Fact]
    public async Task A_failure_while_half_open_opens_it_again()
    {
        await Open(breaker);
        time.Advance(Reset);
        await FailOnce(breaker);
        Assert.True(breaker.IsOpen);
    }

    [Fact]
    public async Task While_half_open_a_second_call_is_refused()
    {
        await Open(breaker);
        time.Advance(Reset);
        var first = new TaskCompletionSource<int>();
        var probe = breaker.WithCircuitBreaker(() => first.Task);
        await Assert.ThrowsAsync<OpenCircuitException>(() => breaker.WithCircuitBreaker(() => Task.FromResult(2)));
        first.SetResult(1);
        Assert.Equal(1, await probe);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_has_failed()
    {
        var impatient = new CircuitBreaker(Sys.Scheduler, 1, TimeSpan.FromMilliseconds(20), Reset);
        var never = new TaskCompletionSource<int>();
        await Assert.ThrowsAsync<TimeoutException>(() => impatient.WithCircuitBreaker(() => never.Task));
        Assert.True(impatient.IsOpen);
    }

    [Fact]
    public async Task The_reset_time_grows_with_exponential_back_off()
    {
        var growing = New().WithExponentialBackoff(TimeSpan.FromMinutes(1));
        await Open(growing);
        time.Advance(Reset);
        await FailOnce(growing);
        time.Advance(Reset);
        Assert.True(growing.IsOpen);
        time.Advance(Reset);
        Assert.True(growing.IsHalfOpen);
    }

    [Fact]
    public async Task Listeners_hear_of_each_state()
    {
        var told = CreateTestProbe();
        breaker
            .OnOpen(() => told.Ref.Tell("open", TestActor))
            .OnHalfOpen(() => told.Ref.Tell("half-open", TestActor))
            .OnClose(() => told.Ref.Tell("closed", TestActor));
        await Open(breaker);
        told.ExpectMsg("open");
        time.Advance(Reset);
        told.ExpectMsg("half-open");
        breaker.WithSyncCircuitBreaker(() => 1);
        told.ExpectMsg("closed");
    }

    [Fact]
    public void Calls_made_elsewhere_can_be_counted()
    {
        breaker.Fail();
        breaker.Fail();
        Assert.True(breaker.IsOpen);
        time.Advance(Reset);
        breaker.Succeed();
        Assert.True(breaker.IsClosed);
    }

    private CircuitBreaker New() => new(Sys.Scheduler, 2, TimeSpan.FromSeconds(30), Reset);

    private static Task<int> Broken() => Task.FromException<int>(new InvalidDataException("broken"));

    private static async Task FailOnce(CircuitBreaker breaker) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => breaker.WithCircuitBreaker(Broken));

    private static async Task Open(CircuitBreaker breaker)
    {
        await FailOnce(breaker);
        await FailOnce(breaker);
    }
}
