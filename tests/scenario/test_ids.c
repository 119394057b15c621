/* Who is who on the wire: every id of a run leads back to its request, on every link. */
#include "broker/broker.h"
#include "parse_story.h"

static const char FILE_TEXT[] = "clients 50\nsend 3 toupper \"x\"\nclient other\nsend echo \"y\"\n";

static void read_with_seed(struct story *story, const char *file, uint64_t seed)
{
    struct scenario_overrides overrides = {.seed_given = true, .seed = seed};

    *story = (struct story){.good = false};
    story->good =
        scenario_parse(&story->scenario, "f", file, strlen(file), &overrides, &story->messages);
    CU_ASSERT_TRUE_FATAL(story->good);
}

static void an_id_is_known_on_its_clients_links(void)
{
    struct story story;
    uint32_t wrong = 0;

    read_with_seed(&story, FILE_TEXT, 1);
    for (uint32_t node = 4; node < story.scenario.node_count; node++) {
        uint32_t count = node + 1 == story.scenario.node_count ? 1 : 3;
        for (uint32_t n = 1; n <= count; n++) {
            uint64_t id = scenario_id_prefix(&story.scenario, node) | n;
            uint32_t client = 0;
            uint32_t number = 0;
            wrong += !scenario_request_of_id(&story.scenario, scenario_link_to_broker(node), id,
                                             &client, &number) ||
                     client != node || number != n;
            wrong += !scenario_request_of_id(&story.scenario, scenario_link_from_broker(node), id,
                                             &client, &number) ||
                     client != node || number != n;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    story_end(&story);
}

/* Behind the broker another id stands for the same request. */
static void an_id_is_known_on_the_servers_links(void)
{
    struct story story;
    uint32_t wrong = 0;

    read_with_seed(&story, FILE_TEXT, 1);
    uint32_t server = scenario_find_node(&story.scenario, "echo", 4);
    for (uint32_t node = 4; node < story.scenario.node_count; node++) {
        uint64_t id = scenario_id_prefix(&story.scenario, node) | 1;
        uint64_t upstream =
            broker_upstream_id(broker_make_id_key(scenario_broker_key(&story.scenario)),
                               scenario_endpoint_key(&story.scenario, node), id);
        uint32_t client = 0;
        uint32_t number = 0;
        wrong += !scenario_request_of_id(&story.scenario, scenario_link_from_broker(server),
                                         upstream, &client, &number) ||
                 client != node || number != 1;
        wrong += scenario_request_of_id(&story.scenario, scenario_link_to_broker(node), upstream,
                                        &client, &number);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    story_end(&story);
}

static void an_id_of_no_request_is_nobodys(void)
{
    struct story story;
    uint32_t client;
    uint32_t n;

    read_with_seed(&story, FILE_TEXT, 1);
    uint32_t node = scenario_find_node(&story.scenario, "c1", 2);
    uint32_t link = scenario_link_to_broker(node);
    uint64_t prefix = scenario_id_prefix(&story.scenario, node);
    CU_ASSERT_NOT_EQUAL(prefix, 0);
    CU_ASSERT_EQUAL(prefix & 0xffffff, 0);
    CU_ASSERT_FALSE(scenario_request_of_id(&story.scenario, link, prefix, &client, &n));
    CU_ASSERT_TRUE(scenario_request_of_id(&story.scenario, link, prefix | 3, &client, &n));
    CU_ASSERT_FALSE(scenario_request_of_id(&story.scenario, link, prefix | 4, &client, &n));
    CU_ASSERT_FALSE(scenario_request_of_id(&story.scenario, link, 1, &client, &n));
    CU_ASSERT_FALSE(scenario_request_of_id(&story.scenario, link, UINT64_MAX, &client, &n));
    story_end(&story);
}

/* So that adding a client changes nobody else's ids. */
static void ids_come_from_the_seed_and_the_name_alone(void)
{
    struct story one;
    struct story other;

    read_with_seed(&one, FILE_TEXT, 1);
    read_with_seed(&other, "client new\nsend 9 count \"z\"\nclient other\n", 1);
    uint32_t a = scenario_find_node(&one.scenario, "other", 5);
    uint32_t b = scenario_find_node(&other.scenario, "other", 5);
    CU_ASSERT_EQUAL(scenario_id_prefix(&one.scenario, a), scenario_id_prefix(&other.scenario, b));
    CU_ASSERT_EQUAL(scenario_endpoint_key(&one.scenario, a),
                    scenario_endpoint_key(&other.scenario, b));
    CU_ASSERT_EQUAL(scenario_client_identity(&one.scenario, a).key,
                    scenario_client_identity(&other.scenario, b).key);
    story_end(&other);
    read_with_seed(&other, FILE_TEXT, 2);
    CU_ASSERT_NOT_EQUAL(scenario_id_prefix(&one.scenario, a),
                        scenario_id_prefix(&other.scenario, a));
    CU_ASSERT_NOT_EQUAL(scenario_broker_key(&one.scenario), scenario_broker_key(&other.scenario));
    CU_ASSERT_EQUAL(scenario_endpoint_key(&one.scenario, a),
                    scenario_endpoint_key(&other.scenario, a));
    story_end(&other);
    story_end(&one);
}

static void addresses_differ_and_leave_room_for_the_number(void)
{
    struct story story;

    read_with_seed(&story, FILE_TEXT, 1);
    for (uint32_t node = 0; node < story.scenario.node_count; node++) {
        uint64_t key = scenario_endpoint_key(&story.scenario, node);
        CU_ASSERT_NOT_EQUAL(key, 0);
        CU_ASSERT_EQUAL(key & 0xffffff, 0);
        for (uint32_t other = 0; other < node; other++) {
            CU_ASSERT_NOT_EQUAL(key, scenario_endpoint_key(&story.scenario, other));
        }
    }
    story_end(&story);
}

static void a_clients_core_is_configured_from_its_group(void)
{
    struct story story;

    read_with_seed(&story, FILE_TEXT, 1);
    uint32_t node = scenario_find_node(&story.scenario, "c7", 2);
    struct client_identity identity = scenario_client_identity(&story.scenario, node);
    const struct client_config *config = scenario_client_config(&story.scenario, node);
    CU_ASSERT_STRING_EQUAL(identity.name, "c7");
    CU_ASSERT_EQUAL(identity.id_prefix, scenario_id_prefix(&story.scenario, node));
    CU_ASSERT_EQUAL(config->request_count, 3);
    CU_ASSERT_EQUAL(config->step_count, 1);
    CU_ASSERT_EQUAL(config->policy.tries, 5);
    CU_ASSERT_EQUAL(config->broker.key, scenario_endpoint_key(&story.scenario, NODE_BROKER));
    story_end(&story);
}

/* 100,000 names: those whose tags meet are told apart all the same. */
static void every_client_of_the_largest_world_has_its_own_ids(void)
{
    struct story story;
    uint32_t wrong = 0;

    read_with_seed(&story, "world virtual\nclients 100000\nsend toupper \"x\"\n", 1);
    for (uint32_t node = 3; node < story.scenario.node_count; node++) {
        uint64_t id = scenario_id_prefix(&story.scenario, node) | 1;
        uint32_t client = 0;
        uint32_t n = 0;
        wrong += !scenario_request_of_id(&story.scenario, scenario_link_to_broker(node), id,
                                         &client, &n) ||
                 client != node;
        wrong += !scenario_request_of_id(
                     &story.scenario, scenario_link_from_broker(1),
                     broker_upstream_id(broker_make_id_key(scenario_broker_key(&story.scenario)),
                                        scenario_endpoint_key(&story.scenario, node), id),
                     &client, &n) ||
                 client != node;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    story_end(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_id_is_known_on_its_clients_links),
        HARNESS_TEST(an_id_is_known_on_the_servers_links),
        HARNESS_TEST(an_id_of_no_request_is_nobodys),
        HARNESS_TEST(ids_come_from_the_seed_and_the_name_alone),
        HARNESS_TEST(addresses_differ_and_leave_room_for_the_number),
        HARNESS_TEST(a_clients_core_is_configured_from_its_group),
        HARNESS_TEST(every_client_of_the_largest_world_has_its_own_ids),
    };

    return harness_run("scenario/ids", tests, HARNESS_COUNT(tests));
}
