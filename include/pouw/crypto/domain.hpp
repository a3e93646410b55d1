/// Domain-separation tags. Every personalised use of BLAKE2b in the library takes its tag from this header.
#pragma once

#include "pouw/core/export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace pouw::inline v1::crypto {

/// A BLAKE2b personalisation: 1 to 16 printable ASCII characters, padded with zeros.
struct POUW_API DomainTag {
    std::array<std::uint8_t, 16> bytes{};

    template <std::size_t Size>
    consteval DomainTag(
        const char (&text)[Size]) {  // NOLINT(google-explicit-constructor): a literal is a tag
        static_assert(Size - 1 >= 1 && Size - 1 <= 16, "a tag has 1 to 16 characters");
        for (std::size_t i = 0; i + 1 < Size; ++i) {
            if (text[i] < 0x21 || text[i] > 0x7e) throw "a tag is printable ASCII";
            bytes[i] = static_cast<std::uint8_t>(text[i]);
        }
    }
    friend constexpr bool operator==(const DomainTag&, const DomainTag&) = default;
};

namespace domain {

// crypto
inline constexpr DomainTag signing_key{"pouw.sign-key.v1"};
inline constexpr DomainTag sealing_key{"pouw.box-key.v1"};
inline constexpr DomainTag sealing_possession{"pouw.box-pop.v1"};
inline constexpr DomainTag sealing_nonce{"pouw.box-nce.v1"};
inline constexpr DomainTag prompt{"pouw.prompt.v2"};
inline constexpr DomainTag prompt_header{"pouw.prm-head.v2"};
inline constexpr DomainTag prompt_commitment{"pouw.prm-key.v2"};
inline constexpr DomainTag answer{"pouw.answer.v1"};
inline constexpr DomainTag answer_header{"pouw.ans-head.v1"};
inline constexpr DomainTag answer_commitment{"pouw.ans-key.v1"};
inline constexpr DomainTag evidence{"pouw.evidence.v1"};
// pow
inline constexpr DomainTag race{"pouw.race.v1"};
inline constexpr DomainTag node{"pouw.node.v1"};
inline constexpr DomainTag model{"pouw.model.v1"};
inline constexpr DomainTag race_key{"pouw.race-key.v1"};
inline constexpr DomainTag weights{"pouw.weights.v1"};
inline constexpr DomainTag input{"pouw.input.v1"};
inline constexpr DomainTag bind{"pouw.bind.v1"};
// proof
inline constexpr DomainTag proof{"pouw.proof.v1"};
inline constexpr DomainTag set_leaf{"pouw.set-leaf.v1"};
inline constexpr DomainTag set_node{"pouw.set-node.v1"};
inline constexpr DomainTag set_root{"pouw.set-root.v1"};
inline constexpr DomainTag commitment{"pouw.commit.v1"};
inline constexpr DomainTag sample{"pouw.sample.v1"};
// weights (those of votes; `weights` are those of the model)
inline constexpr DomainTag voting{"pouw.voting.v1"};

// vrf
inline constexpr DomainTag vrf_key{"pouw.vrf-key.v1"};
inline constexpr DomainTag vrf_possession{"pouw.vrf-pop.v1"};
// beacon
inline constexpr DomainTag beacon_generator{"pouw.beacon-g.v1"};
inline constexpr DomainTag share_key{"pouw.shr-key.v1"};
inline constexpr DomainTag share_possession{"pouw.shr-pop.v1"};
inline constexpr DomainTag dealer_key{"pouw.deal-key.v1"};
inline constexpr DomainTag polynomial{"pouw.poly.v1"};
inline constexpr DomainTag proof_nonce{"pouw.nonce.v1"};
inline constexpr DomainTag sharing_proof{"pouw.ldei.v1"};
inline constexpr DomainTag decryption_weights{"pouw.rho.v1"};
inline constexpr DomainTag decryption_proof{"pouw.dleq.v1"};
inline constexpr DomainTag ceremony{"pouw.ceremony.v1"};
inline constexpr DomainTag ceremony_message{"pouw.cer-msg.v1"};
inline constexpr DomainTag qualified{"pouw.qual.v1"};
inline constexpr DomainTag recovery{"pouw.recovery.v1"};
inline constexpr DomainTag beacon{"pouw.beacon.v1"};
inline constexpr DomainTag ceremony_state{"pouw.cer-st.v1"};
// validation
inline constexpr DomainTag chain{"pouw.val-chn.v1"};
inline constexpr DomainTag selection{"pouw.val-sel.v1"};
inline constexpr DomainTag guaranteed{"pouw.val-gua.v1"};
inline constexpr DomainTag challenge{"pouw.val-chl.v1"};
inline constexpr DomainTag request{"pouw.val-req.v1"};
inline constexpr DomainTag task{"pouw.val-task.v1"};
inline constexpr DomainTag executors{"pouw.val-exe.v1"};
inline constexpr DomainTag relay{"pouw.val-rly.v1"};
inline constexpr DomainTag open_dummy{"pouw.val-odm.v1"};
inline constexpr DomainTag hidden_dummy{"pouw.val-hdm.v1"};
inline constexpr DomainTag dummy_salt{"pouw.val-slt.v1"};
inline constexpr DomainTag dummy_prompt{"pouw.val-prm.v1"};
inline constexpr DomainTag dummy_payer{"pouw.val-pay.v1"};
inline constexpr DomainTag vote{"pouw.val-vote.v1"};
inline constexpr DomainTag block{"pouw.val-blk.v1"};
inline constexpr DomainTag image_request{"pouw.val-imr.v1"};
inline constexpr DomainTag image_record{"pouw.val-img.v1"};
inline constexpr DomainTag node_registration{"pouw.node-reg.v1"};

// validation: comparison of results
inline constexpr DomainTag inference_record{"pouw.infer.v1"};
inline constexpr DomainTag token_randomness{"pouw.token.v1"};
inline constexpr DomainTag image_features{"pouw.img-ftr.v1"};
// economics
inline constexpr DomainTag proposal{"pouw.gov-prop.v1"};
inline constexpr DomainTag proposal_vote{"pouw.gov-vote.v1"};
inline constexpr DomainTag dummy_refunds{"pouw.eco-rfnd.v1"};
inline constexpr DomainTag compute_request{"pouw.eco-rfc.v1"};

/// All tags above. Tests check that no two of them are equal.
inline constexpr std::array all{signing_key,
                                sealing_key,
                                prompt,
                                prompt_header,
                                prompt_commitment,
                                sealing_possession,
                                sealing_nonce,
                                answer,
                                answer_header,
                                answer_commitment,
                                evidence,
                                race,
                                node,
                                model,
                                race_key,
                                weights,
                                input,
                                bind,
                                proof,
                                set_leaf,
                                set_node,
                                set_root,
                                commitment,
                                sample,
                                voting,
                                vrf_key,
                                vrf_possession,
                                beacon_generator,
                                share_key,
                                share_possession,
                                dealer_key,
                                polynomial,
                                proof_nonce,
                                sharing_proof,
                                decryption_weights,
                                decryption_proof,
                                ceremony,
                                ceremony_message,
                                qualified,
                                recovery,
                                beacon,
                                ceremony_state,
                                chain,
                                selection,
                                guaranteed,
                                challenge,
                                request,
                                task,
                                executors,
                                relay,
                                open_dummy,
                                hidden_dummy,
                                dummy_salt,
                                dummy_prompt,
                                dummy_payer,
                                vote,
                                block,
                                image_request,
                                image_record,
                                node_registration,
                                inference_record,
                                token_randomness,
                                image_features,
                                proposal,
                                proposal_vote,
                                dummy_refunds,
                                compute_request};

}  // namespace domain
}  // namespace pouw::inline v1::crypto
