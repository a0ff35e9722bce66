using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class SelectionTests : ActorTest
{
    [Theory]
    [InlineData("/user/a")]
    [InlineData("akka://test/user/a")]
    [InlineData("/user/a/b/..")]
    [InlineData("user/a")]
    public async Task A_path_resolves_to_its_actor(string path)
    {
        var (a, _) = await Tree();
        Assert.Equal(a, await System.ActorSelection(path).ResolveOne(Patience));
    }

    [Fact]
    public async Task Wild_cards_reach_all_that_match()
    {
        var (_, probe) = await Tree();
        System.ActorSelection("/user/a/b?").Tell("one");
        string[] both = [await probe.Next<string>(), await probe.Next<string>()];
        Assert.Equal(["b1", "b2"], both.Order());
        System.ActorSelection("/user/*/b*").Tell("two");
        var seen = new[] { await probe.Next<string>(), await probe.Next<string>(), await probe.Next<string>() };
        Assert.Equal(["b", "b1", "b2"], seen.Order());
    }

    [Fact]
    public async Task Nobody_at_a_path_fails_the_resolution()
    {
        await Tree();
        await Assert.ThrowsAsync<ActorNotFoundException>(() =>
            System.ActorSelection("/user/none").ResolveOne(Patience)
        );
    }

    [Fact]
    public async Task Identify_is_answered_with_nobody_where_nobody_is()
    {
        var identity = await System.ActorSelection("/user/none/at/all").Ask<ActorIdentity>(new Identify(7), Patience);
        Assert.Equal(7, identity.MessageId);
        Assert.Null(identity.Subject);
    }

    [Fact]
    public async Task Identify_is_answered_with_nobody_where_a_pattern_matches_nothing()
    {
        var identity = await System.ActorSelection("/user/none*").Ask<ActorIdentity>(new Identify(7), Patience);
        Assert.Null(identity.Subject);
    }

    [Theory]
    [InlineData("")]
    [InlineData("other://test/user")]
    [InlineData("/deadLetters")]
    public async Task What_no_path_of_an_actor_names_is_nobody(string path)
    {
        var identity = await System.ActorSelection(path).Ask<ActorIdentity>(new Identify(7), Patience);
        Assert.Equal(ActorRefs.Nobody, identity.Subject);
    }

    [Fact]
    public async Task Where_several_match_those_without_the_child_miss_nothing()
    {
        var (_, probe) = await Tree();
        System.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        System.ActorSelection("/user/*/b1").Tell("one");
        await probe.Expect("b1");
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task A_pattern_takes_letters_in_either_case()
    {
        var (_, probe) = await Tree();
        System.ActorSelection("/user/a/B?").Tell("one");
        string[] both = [await probe.Next<string>(), await probe.Next<string>()];
        Assert.Equal(["b1", "b2"], both.Order());
    }

    [Fact]
    public async Task A_resolution_that_is_called_off_finds_nobody()
    {
        var silent = Spawn((_, _) => { });
        var resolution = new ActorSelection(silent, "a/b").ResolveOne(Patience, new CancellationToken(true));
        await Assert.ThrowsAsync<ActorNotFoundException>(() => resolution);
    }

    [Fact]
    public async Task Selections_are_equal_by_anchor_and_path_and_print_both()
    {
        var (a, _) = await Tree();
        var selection = new ActorSelection(a, "../*/b");
        Assert.Equal(new ActorSelection(a, "../*/b"), selection);
        Assert.Equal(new ActorSelection(a, "../*/b").GetHashCode(), selection.GetHashCode());
        Assert.NotEqual(new ActorSelection(a, "../*/c"), selection);
        Assert.NotEqual(new ActorSelection(a, "../*/c").GetHashCode(), selection.GetHashCode());
        Assert.Equal($"ActorSelection[Anchor(akka://test/user/a#{a.Path.Uid}), Path(/../*/b)]", selection.ToString());
    }

    [Fact]
    public async Task A_message_to_nobody_is_a_dead_letter()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        System.ActorSelection("/user/none").Tell("lost");
        Assert.Equal("lost", (await probe.Next<DeadLetter>()).Message);
    }

    [Fact]
    public async Task A_reference_resolves_from_its_written_form_for_its_incarnation_only()
    {
        var probe = NewProbe();
        var parent = Spawn(
            (message, context) =>
            {
                if (message is Props props)
                    context.Sender.Tell(context.Watch(context.ActorOf(props, "child")));
                else
                    probe.Ref.Tell("gone");
            }
        );
        var a = await parent.Ask<IActorRef>(Props.Create(() => new Empty()), Patience);
        var provider = ((ExtendedActorSystem)System).Provider;
        var written = a.Path.ToSerializationFormat();
        Assert.Equal(a, provider.ResolveActorRef(written));
        a.Tell(PoisonPill.Instance);
        await probe.Expect("gone");
        Assert.NotSame(a, provider.ResolveActorRef(written));
    }

    [Theory]
    [InlineData("akka://test/user/a#12", "akka://test/user/a", 12)]
    [InlineData("akka.tcp://test@host:2552/user/a/b", "akka.tcp://test@host:2552/user/a/b", 0)]
    public void Paths_are_read_with_address_and_incarnation(string text, string path, long uid)
    {
        Assert.True(ActorPath.TryParse(text, out var parsed));
        Assert.Equal(path, parsed.ToString());
        Assert.Equal(uid, parsed.Uid);
        Assert.Equal(text, parsed.ToSerializationFormat());
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void Malformed_names_are_refused(string name) =>
        Assert.Throws<InvalidActorNameException>(() => System.ActorOf(Props.Create(() => new Empty()), name));

    [Fact]
    public void A_name_is_taken_once()
    {
        System.ActorOf(Props.Create(() => new Empty()), "only");
        Assert.Throws<InvalidActorNameException>(() => System.ActorOf(Props.Create(() => new Empty()), "only"));
    }

    private async Task<(IActorRef A, Probe Probe)> Tree()
    {
        var probe = NewProbe();
        var props = Props.Create(
            typeof(Inline),
            (Action<object, IActorContext>)((_, context) => probe.Ref.Tell(context.Self.Path.Name))
        );
        var a = System.ActorOf(
            Props.Create(
                typeof(Inline),
                (Action<object, IActorContext>)(
                    (message, context) =>
                    {
                        foreach (var name in (string[])["b", "b1", "b2"])
                            context.ActorOf(props, name);
                        context.Sender.Tell(Done.Instance);
                    }
                )
            ),
            "a"
        );
        await a.Ask<Done>("grow", Patience);
        return (a, probe);
    }

    private sealed class Empty : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }
}
